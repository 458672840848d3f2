"""What the pages of a run hold of each collection, in slices: no step loads more than some hundred pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog.models import Page, Record, Run, Visit
from catalog.models.record import held_in
from crawler.collections import Collection
from crawler.outcomes import Outcome
from crawler.reading.record import NOTHING, Value
from pipelines.quality.falls import WHOLE
from pipelines.store.readings import LatestReading, latest_readings

SLICE = 500  # visits
EXAMPLES = 5  # pages that show a fall
_Problems = dict[str, Any]


class Home(NamedTuple):
    """Of the records of a collection that are at home on a page and not gone."""

    has_keys: bool
    problems: list[_Problems]  # of each


_NO_HOME = Home(False, [])


@dataclass
class Read:
    """Counts of one collection over the pages of a run."""

    collection: Collection
    pages: int = 0
    holding: int = 0
    records: int = 0
    fields: dict[str, list[int]] = field(default_factory=dict)  # by name: with a value, with a problem
    examples: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # see Coverage.fallen
    doubtful: list[int] = field(default_factory=list)  # pages that held records and show none
    held: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    # by field: pages with records that show none and whose last good value is held

    def __post_init__(self) -> None:
        self.fields = {each.name: [0, 0] for each in self.collection.fields}

    def add(self, page_id: int, reading: LatestReading, home: Home) -> None:
        """Count a page if it holds records, or held some; of a collection with a key, those that have it.

        What else is like an item, such as what others bought, is on pages that nobody expects records of.
        """
        name, keyed = self.collection.name, bool(self.collection.key)
        rows = reading.data.get(name, [])
        holds = name in reading.keys if keyed else bool(rows)
        for each in {each for problems in home.problems for each in held_in(problems)} if rows else ():
            self.held[each].append(page_id)
        if holds or home.has_keys or (home.problems and not keyed):
            self._count(page_id, rows, holds, home)

    def _count(self, page_id: int, rows: list[Value], holds: bool, home: Home) -> None:
        self.pages += 1
        self.holding += holds
        self.records += len(rows)
        if not holds:
            self._example(WHOLE, page_id)
            self.doubtful.append(page_id)
        for name, counts in self.fields.items():
            filled = sum(row.get(name) not in NOTHING for row in rows)
            counts[0] += filled
            counts[1] += sum(_concerns(each, name) for each in home.problems) if holds else 0
            if filled < len(rows):
                self._example(name, page_id)

    def _example(self, name: str, page_id: int) -> None:
        if len(self.examples[name]) < EXAMPLES:
            self.examples[name].append(page_id)


def _concerns(problems: _Problems, name: str) -> bool:
    """Whether a problem is one of this field, or of what is nested in it; that a value is held is none."""
    return any(where.partition(".")[0] == name and "reason" in each for where, each in problems.items())


def read_of(run: Run) -> list[Read]:
    """The counts of each collection of a run."""
    reads = [Read(collection) for collection in run.policy.collections]
    for page_ids in pages_of(run):
        readings = latest_readings(Page.objects.filter(pk__in=page_ids))
        homes = _homes(page_ids)
        for page_id, reading in readings.items():
            for read in reads:
                read.add(page_id, reading, homes.get((page_id, read.collection.name), _NO_HOME))
    return reads


def pages_of(run: Run) -> Iterator[list[int]]:
    """The pages that a run got, by id, in slices."""
    visits = Visit.objects.filter(
        run=run, state=Visit.State.DONE, outcome__in=[Outcome.STORED, Outcome.UNCHANGED]
    )
    after = 0
    for outcome in (Outcome.STORED, Outcome.UNCHANGED):
        after = 0
        rows = visits.filter(outcome=outcome).order_by("pk").values_list("pk", "page_id")
        while part := list(rows.filter(pk__gt=after)[:SLICE]):
            yield [page_id for _, page_id in part if page_id is not None]
            after = part[-1][0]


def _homes(page_ids: list[int]) -> dict[tuple[int, str], Home]:
    """By page and collection."""
    rows: dict[tuple[int, str], list[tuple[list[str], _Problems]]] = defaultdict(list)
    records = Record.objects.filter(page__in=page_ids, gone_at=None)
    for page_id, collection, *row in records.values_list("page_id", "collection", "key", "problems"):
        rows[page_id, collection].append((row[0], row[1]))
    return {
        at: Home(any(key for key, _ in group), [problems for _, problems in group])
        for at, group in rows.items()
    }


def locked(page_ids: Sequence[int]) -> None:
    """Lock pages, in the order in which stores lock them."""
    pages = Page.objects.filter(pk__in=page_ids).select_for_update().order_by("seed", "fingerprint")
    list(pages.values_list("pk"))
