"""The part of a list of records that a page shows. However many there are, it looks at a bounded number."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from catalog.models import Page, Record, RecordVersion
from djsite.desk.as_of.records import PastRecord, past_records
from djsite.desk.exports import Rows
from djsite.desk.read.keyset import SIZE, Slice, cut
from pipelines.data.conditions import (
    SORTED,
    condition_on,
    condition_on_versions,
    every_version,
    oldest_sorted,
    records_of,
    sorted_keys,
)
from pipelines.data.record_list import ASKED, VERSIONS, Problem, RecordList
from pipelines.data.rows import list_rows
from pipelines.telling.filters import whole_number

__all__ = ["ASKED", "Problem", "RecordList", "part_of", "read_list", "rows_of"]

SEARCHED = SORTED  # records that filters look at before the page asks whether to go on
THINGS, MOST_THINGS = 100, 2_000  # whose versions are looked at together at first, and in all


@dataclass(frozen=True)
class EarlierValues:
    """What a record had before, with the names of :class:`catalog.models.Record`."""

    pk: int
    key: list[str]
    position: int
    page: Page
    values: dict[str, Any]
    last_changed_at: datetime
    until: datetime
    gone_at: None = None
    held: dict[str, datetime] = field(default_factory=dict)


ShownRecord = Record | PastRecord | EarlierValues


class Listing(NamedTuple):
    """A part of a list; ``newest``: only so many of the newest records are sorted, 0 for all of them."""

    part: Slice[Any]
    newest: int = 0

    @property
    def rows(self) -> Sequence[ShownRecord]:
        return self.part.rows


def read_list(query: str, now: datetime, others: Collection[str] = ()) -> tuple[RecordList, list[Problem]]:
    """The list that an address asks for, and which of its parameters make no sense."""
    return RecordList.of_query(query, now, others)


def part_of(wanted: RecordList, now: datetime, cursor: str = "", size: int = SIZE) -> Listing:
    """The part that begins after ``cursor``; a cursor that makes no sense means the start."""
    if wanted.view == VERSIONS:
        return Listing(_versions(wanted, now, cursor, size))
    if wanted.sort:
        return _sorted(wanted, now, cursor, size)
    order = "-id" if wanted.as_of is None else "id"  # of the past the oldest, which were there, are met first
    search = condition_on(wanted, now)
    part = cut(_shown(records_of(wanted)), cursor, order=order, size=size, search=search, most=SEARCHED)
    return Listing(_at(part, wanted.as_of))


def rows_of(wanted: RecordList, now: datetime) -> Rows:
    """All of it, for a file."""
    return list_rows(wanted, now)


def _shown(records: QuerySet[Record]) -> QuerySet[Record]:
    """With what a row shows."""
    return records.select_related("page").only(
        *("key", "position", "values", "problems", "snapshot", "collection", "seed", "first_seen_at"),
        *("last_seen_at", "last_changed_at", "gone_at", "page__url", "page__last_fetched_at"),
    )


def _at(part: Slice[Any], moment: datetime | None) -> Slice[Any]:
    if moment is None:
        return part
    return Slice(list(past_records(part.rows, moment)), part.following, part.first, part.searched)


def _sorted(wanted: RecordList, now: datetime, cursor: str, size: int) -> Listing:
    """By places, not by keys: of at most :data:`SORTED` records each part costs the same."""
    begin = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 7 else 0
    keys = sorted_keys(wanted, now, begin, size + 1)
    records = _shown(Record.objects.filter(pk__in=keys[:size])).in_bulk()
    rows = [records[key] for key in keys[:size] if key in records]
    following = str(begin + size) if len(keys) > size else ""
    part: Slice[Any] = Slice(rows, following, first=begin == 0)
    return Listing(_at(part, wanted.as_of), SORTED if oldest_sorted(wanted) is not None else 0)


class _Place(NamedTuple):
    """A row of a list of all values: a record, and one of its earlier values or :data:`_NOW`."""

    record: int
    version: int


_NOW = 10**18 - 1  # sorts before every earlier value
_END = 0  # and this after


def _versions(wanted: RecordList, now: datetime, cursor: str, size: int) -> Slice[Any]:
    """What each record has and had: the newest record first, and of each its newest values."""
    begin = _place(cursor)
    rows: dict[_Place, ShownRecord] = {}
    looked_at, following = 0, ""
    for things in _things(wanted, begin):
        rows |= _had(things, wanted, now, (begin, size))
        looked_at += len(things)
        if len(rows) > size:
            break
        if looked_at >= MOST_THINGS:
            following = f"{things[-1]}~{_END}"
            break
    places = sorted(rows, reverse=True)
    if len(places) > size:
        following, looked_at = "{}~{}".format(*places[size - 1]), 0
    searched = looked_at if following else 0
    return Slice([rows[place] for place in places[:size]], following, begin is None, searched)


def _place(cursor: str) -> _Place | None:
    record, _, version = cursor.partition("~")
    numbers = [whole_number(record), whole_number(version)]
    known = [number for number in numbers if number is not None and number <= _NOW]
    return _Place(*known) if len(known) == 2 else None


def _things(wanted: RecordList, begin: _Place | None) -> Iterator[list[int]]:
    """The keys of records, newest first, some at a time: more and more, where few are shown."""
    records = records_of(wanted).order_by("-pk").values_list("pk", flat=True)
    left, count = records if begin is None else records.filter(pk__lte=begin.record), THINGS
    while keys := list(left[:count]):
        yield keys
        left, count = records.filter(pk__lt=keys[-1]), min(count * 4, MOST_THINGS)


def _had(
    things: Sequence[int], wanted: RecordList, now: datetime, span: tuple[_Place | None, int]
) -> dict[_Place, ShownRecord]:
    """What these records have and had: as much as a part of this size needs, after its place."""
    begin, size = span
    current = Record.objects.filter(every_version(wanted, now), pk__in=things).values_list("pk", flat=True)
    places = {_Place(pk, _NOW) for pk in current}
    versions = RecordVersion.objects.filter(condition_on_versions(wanted, now), record__in=things)
    if begin is not None:
        places.discard(_Place(begin.record, _NOW))
        versions = versions.exclude(record=begin.record, pk__gte=begin.version)
    earlier = {
        _Place(version.record_id, version.pk): version
        for version in versions.order_by("-record_id", "-pk")[: size + 1]
    }
    keys = {place.record for place in (*places, *earlier)}
    records = _shown(Record.objects.filter(pk__in=keys)).in_bulk() if keys else {}
    rows: dict[_Place, ShownRecord] = {
        place: records[place.record] for place in places if place.record in records
    }
    return rows | {
        place: _earlier(records[place.record], version)
        for place, version in earlier.items()
        if place.record in records
    }


def _earlier(record: Record, version: RecordVersion) -> EarlierValues:
    return EarlierValues(
        record.pk, record.key, record.position, record.page, version.values, version.since, version.until
    )
