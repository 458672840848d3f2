"""Lists of records by the filters of the site's page of data: typed, sorted, of a moment, all versions."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Seed
from djsite.api.interface import names_of_filters
from djsite.api.paging import Part, checked, next_cursor, place_of
from djsite.api.problems import FieldProblem, field_refused, refused
from djsite.api.rows import named_seed
from djsite.desk.data.listing import ASKED, Listing, RecordList, ShownRecord, part_of, read_list
from djsite.desk.read.records import collections_of, main_collection

OTHERS = ("limit", "cursor", "wait")
FILTERS = names_of_filters(
    rf"^.+\.({'|'.join(ASKED)})$",
    f"Filters of fields: a field, a dot and one of {', '.join(ASKED)}, such as “price.lt=20”, "
    "“name.contains=tea”, “price.between=10..20”, “sku.empty=yes”. As the address of the site has them.",
)


def wanted_list(request: HttpRequest) -> RecordList:
    """The list that a call asks for, of a collection that its seed has.

    Raises:
        Problem: a parameter makes no sense, or there is no such seed or collection.
    """
    wanted, problems = read_list(request.META.get("QUERY_STRING", ""), timezone.now(), OTHERS)
    if problems:
        raise refused(FieldProblem(problem.parameter, problem.sentence) for problem in problems)
    if wanted.seed is None:
        raise field_refused("seed", "seed is missing: give a seed, or a url.")
    return msgspec.structs.replace(wanted, collection=_collection(named_seed(wanted.seed), wanted.collection))


def _collection(seed: Seed, wanted: str) -> str:
    names = collections_of(seed)
    if wanted and wanted not in names:
        known = f"It has {', '.join(names)}." if names else "It has none."
        raise field_refused("collection", f"collection “{wanted}” is none of the seed “{seed.name}”. {known}")
    return wanted or main_collection(seed)


def part_of_list(wanted: RecordList, part: Part, now: datetime) -> tuple[list[ShownRecord], str | None]:
    """Its rows, and the cursor of those that follow: it is of this very list."""
    order = hashlib.sha256(wanted.query.encode()).hexdigest()[:16]
    listing: Listing = part_of(wanted, now, place_of(part, order), part.limit)
    found = checked(listing.part, part)
    return list(listing.rows), next_cursor(found, order)
