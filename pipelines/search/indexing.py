"""The chore that keeps the index of words: it follows the change sets in the order of their commits.

Words and place are written in one transaction, so each page is written once for a change, whenever a worker
dies. What changed again meanwhile is in a later set and comes again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from time import monotonic
from typing import NamedTuple, Self

from django.db import transaction
from django.db.models import Q, QuerySet

from catalog.models import ChangeSet, Chore, Page
from catalog.search import Document, index
from catalog.search.documents import of_host, of_seed
from pipelines import work_leases
from pipelines.changes.numbering import number_sets
from pipelines.work_leases import LeaseLost

CHORE = "search"
PAGES = 50  # written in one transaction, which takes a tenth of a second
SETS = 200  # looked at in one transaction
SECONDS = 1.0  # of a slice; whatever waits for this worker waits no longer

log = logging.getLogger(__name__)


class Place(NamedTuple):
    """Up to where the index is whole: all sets up to a number, and of the next the pages up to an id."""

    number: int
    page: int = 0

    @classmethod
    def of(cls, chore: Chore | None) -> Self:
        return cls(chore.place, chore.result.get("page", 0)) if chore else cls(0)


def index_in_turn(now: datetime, is_busy: Callable[[], bool], token: str = "") -> str:
    """A slice of the work, if no other worker does one. Returns a token while there is more, else nothing.

    The worker that gets the token back makes the next slice. While the stages of the path have work of their
    own, a slice is one transaction, and the lease is given back.
    """
    row = Chore.objects.filter(name=CHORE)
    Chore.objects.get_or_create(name=CHORE)
    token = token or work_leases.take(row, now) or ""
    if not token:
        return ""
    try:
        if _slice(row, token, now, is_busy):
            return token
        work_leases.give_back(row, token)
    except LeaseLost:
        log.info("another worker keeps the index of words")
    return ""


def _slice(row: work_leases.Row, token: str, now: datetime, is_busy: Callable[[], bool]) -> bool:
    """Whether to go on at once."""
    began = monotonic()
    last = number_sets()
    while _index_some(row, token, now, last):
        if is_busy():
            return False
        if monotonic() - began > SECONDS:
            return True
    return False


@transaction.atomic
def _index_some(row: work_leases.Row, token: str, now: datetime, last: int) -> bool:
    """Write some pages and the place behind them; whether there are more up to the set ``last``."""
    chore = row.get()
    place = Place.of(chore)
    pages, place = _pages_after(place)
    there = [page for page in pages if page.latest is not None]
    index().put([_document(page) for page in there])
    index().forget([page.pk for page in pages if page.latest is None])
    whole = place.number >= last
    kept = {"page": place.page, "pages": chore.result.get("pages", 0) + len(pages)}
    ended = {"done_at": now} if whole else {}
    work_leases.renew(row, token, now, place=place.number, result=kept, **ended)
    return not whole


def _pages_after(place: Place) -> tuple[list[Page], Place]:
    """The next pages in the order of their sets, and the place behind them."""
    pages: list[Page] = []
    for set_id, number in _sets_after(place.number):
        part = _pages_of(set_id, place.page, PAGES - len(pages))
        pages += part
        if len(pages) == PAGES:  # there may be more in this set
            return pages, Place(place.number, part[-1].pk)
        place = Place(number)
    return pages, place


def _sets_after(number: int) -> Iterator[tuple[int, int]]:
    """The next sets by id and number; numbers have no gaps."""
    sets = ChangeSet.objects.filter(number__gt=number).order_by("number").values_list("pk", "number")
    for pk, of_set in sets[:SETS]:
        assert of_set is not None  # it is larger than a number
        yield pk, of_set


def _pages_of(set_id: int, after: int, most: int) -> Sequence[Page]:
    pages = Page.objects.filter(changed_in=set_id, pk__gt=after).select_related("latest").order_by("pk")
    return list(pages.only("seed", "host", "latest__title", "latest__text_zstd")[:most])


def _document(page: Page) -> Document:
    assert page.latest is not None
    marks = (of_seed(page.seed_id), of_host(page.host_id))
    return Document.of(page.pk, page.latest.title, page.latest.text, marks)


def is_behind(now: datetime) -> bool:
    """Whether there is something to index and no worker that does it. Costs three small reads."""
    held = Chore.objects.filter(work_leases.held(now), name=CHORE)
    return sets_beyond(place()).exists() and not held.exists()


def place() -> Place:
    """Up to where the index is whole now."""
    return Place.of(Chore.objects.filter(name=CHORE).first())


def sets_beyond(place: Place) -> QuerySet[ChangeSet]:
    """The sets that are not wholly in the index; those without a number are the newest."""
    return ChangeSet.objects.filter(Q(number__gt=place.number) | Q(number=None))
