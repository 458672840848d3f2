"""Repair: for each planted redesign, whether the right rule is the first, or among three, that is proposed.

And runs without a redesign, in which nothing may be reported as broken.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmarks.extract.coverage import pages_read
from benchmarks.extract.reading import document_of
from benchmarks.extract.redesigns import REDESIGNS, Redesign
from crawler.collections import Collection
from crawler.reading.document import Document
from crawler.reading.extractor.coverage import Count, has_fallen
from crawler.reading.record import ReadRecord, Value
from crawler.reading.repair import propose
from tests.fakeweb.sites import DESIGNS, SITES, FactSite

PAGES = 8  # of each design that a repair sees
FIRST, AMONG_THREE = 0.80, 0.95
SECONDS = 2.0  # for one repair


class Seen(NamedTuple):
    """A page as a repair sees it, with what was read of it while the rules were good."""

    document: Document
    values: list[dict[str, Any]]


@dataclass
class Repairs:
    """Counts over the fields of redesigns."""

    planted: int = 0
    first: int = 0
    among_three: int = 0
    slowest: float = 0.0  # seconds
    missed: list[str] = field(default_factory=list)  # fields whose right rule is not among three

    @property
    def shares(self) -> tuple[float, float]:
        """Of the fields that were to be repaired: the right rule is the first, and is among three."""
        return self.first / self.planted, self.among_three / self.planted

    @property
    def is_good(self) -> bool:
        """Whether the goals are reached."""
        return self.first >= FIRST * self.planted and self.among_three >= AMONG_THREE * self.planted


def repairs(redesigns: Iterable[Redesign] = REDESIGNS) -> Repairs:
    """What is proposed for every field that a redesign breaks."""
    counts = Repairs()
    for redesign in redesigns:
        for collection in redesign.rules():
            broken = [name for name, right in redesign.reads_truth(collection).items() if not right]
            for name in broken:
                _count(counts, redesign, collection, name)
    return counts


def _count(counts: Repairs, redesign: Redesign, collection: Collection, name: str) -> None:
    old, new = (pages_of(redesign, design, collection.name) for design in (redesign.old, redesign.new))
    began = time.perf_counter()
    proposed = propose(collection, name, old, [page.document for page in new])
    counts.slowest = max(counts.slowest, time.perf_counter() - began)
    right = [redesign.reads_truth(each.collection)[name] for each in proposed[:3]]
    counts.planted += 1
    counts.first += right[:1] == [True]
    counts.among_three += any(right)
    if not any(right):
        counts.missed.append(f"{redesign.site} {redesign.old}-{redesign.new} {collection.name}.{name}")


def pages_of(redesign: Redesign, design: str, collection: str) -> list[Seen]:
    """The first pages of a design that have records of a collection, with the values of those."""
    site: FactSite[Any] = SITES[redesign.site]()
    pages = []
    for path in site.paths(0):
        values = [each.values for each in site.expected(path, 0, design) if each.collection == collection]
        if values:
            _, headers, body = site.page(path, 0, design)
            document = document_of(body, headers["Content-Type"])
            document.url = site.base + path
            pages.append(Seen(document, values))
    return pages[:PAGES]


def false_alarms(runs: int, size: int = 12) -> Counter[str]:
    """Collections and fields reported as broken in so many runs over revisions of sites, none redesigned."""
    alarms: Counter[str] = Counter()
    each = -(-runs // (len(SITES) * len(DESIGNS)))
    for name, site in SITES.items():
        for design in DESIGNS:
            for fallen in _alarms(site(size=size), design, each):
                alarms[f"{name} {design} {fallen}"] += 1
    return alarms


def _alarms(site: FactSite[Any], design: str, runs: int) -> Iterator[str]:
    collections = list(map(Collection.of, site.collections(design)))
    history: dict[str, list[Count]] = {}
    for revision in range(runs):
        site.revision = revision
        for what, count in _counts(collections, pages_read(site, design, collections)).items():
            before = history.setdefault(what, [])
            if has_fallen(count, before):
                yield f"{what} at revision {revision}"
            before.insert(0, count)


def _counts(
    collections: Sequence[Collection], pages: Iterable[tuple[list[Any], list[ReadRecord]]]
) -> dict[str, Count]:
    """Of a run: pages with records of each collection, and records with a value of each field."""
    filled: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for truth, records in pages:
        for collection in collections:
            ours = [record for record in records if record.collection == collection.name]
            of[collection.name] += any(each.collection == collection.name for each in truth)
            filled[collection.name] += bool(ours)
            for each in collection.fields:
                what = f"{collection.name}.{each.name}"
                of[what] += len(ours)
                filled[what] += sum(not _is_empty(record.values.get(each.name)) for record in ours)
    return {what: Count(filled[what], of[what]) for what in of}


def _is_empty(value: Value) -> bool:
    return value in (None, "", [], {})
