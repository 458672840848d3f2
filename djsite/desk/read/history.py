"""The history of a page: its versions, newest first, and what each changed in the fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from catalog.models import Page, Reading, Snapshot
from crawler.collections import PAGES
from djsite.desk.read.keyset import Slice

Fields = dict[str, Any]
Rules = dict[str, dict[str, Any]]  # of fields, by name

READINGS = Prefetch("readings", Reading.objects.newest_first().select_related("rule_set"))


@dataclass(frozen=True)
class Cell:
    """A field of a version, beside what the version before had."""

    name: str
    value: Any
    before: Any
    changed: bool


@dataclass(frozen=True)
class VersionRow:
    """A version with its fields compared to those of the version before it."""

    snapshot: Snapshot
    cells: list[Cell]
    first: bool

    @property
    def changed(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.changed]


def versions_of(page: Page, moment: datetime | None = None) -> QuerySet[Snapshot]:
    """A page's versions with their readings, without text and outlinks; up to a moment if there is one."""
    versions = page.snapshots.select_related("run").prefetch_related(READINGS)
    if moment is not None:
        versions = versions.filter(fetched_at__lte=moment)
    return versions.defer("text_zstd", "outlinks_zstd")


def compare_slice(page: Page, part: Slice[Snapshot]) -> list[VersionRow]:
    """A slice of :func:`versions_of`, newest first, each version against the one before it.

    That of the last is read from the database when the slice does not end the history.
    """
    older = versions_of(page).filter(pk__lt=part.rows[-1].pk).order_by("-id")[:1] if part.following else ()
    return compare([*part.rows, *older])[: len(part.rows)]


def compare(newest_first: Sequence[Snapshot]) -> list[VersionRow]:
    """Each version against the next older one of the sequence; the last has nothing to compare with."""
    names = field_names(fields_of(snapshot) for snapshot in newest_first)
    older: list[Snapshot | None] = [*newest_first[1:], None]
    return [
        VersionRow(snapshot, _cells(names, snapshot, before), before is None)
        for snapshot, before in zip(newest_first, older, strict=False)
    ]


def _cells(names: Sequence[str], snapshot: Snapshot, before: Snapshot | None) -> list[Cell]:
    """A field that is new or has another rule is no change of the page."""
    now, then = fields_of(snapshot), fields_of(before) if before else {}
    rules = _rules_of(snapshot), _rules_of(before) if before else {}
    return [
        Cell(name, now.get(name, ""), then.get(name), _same(name, *rules) and now.get(name) != then.get(name))
        for name in names
    ]


def _same(name: str, now: Rules, then: Rules) -> bool:
    return name in now and now[name] == then.get(name)


def fields_of(snapshot: Snapshot) -> Fields:
    """What the newest rules that have read a version found in the record of its page, if there is one.

    That is the only record that it shows, or the one of the collection of plain fields. The snapshot comes
    with its :data:`READINGS`.
    """
    reading = _newest(snapshot)
    records = reading.data.get(_own_collection(reading)) if reading else None
    return records[0] if records else {}


def records_of(snapshot: Snapshot) -> dict[str, list[Fields]]:
    """By collection, the records that a version shows besides that of :func:`fields_of`."""
    reading = _newest(snapshot)
    own = _own_collection(reading) if reading else ""
    return {name: rows for name, rows in reading.data.items() if rows and name != own} if reading else {}


def _own_collection(reading: Reading) -> str:
    """The name of the collection whose record is about the page itself; empty if none is."""
    shown = {name: len(rows) for name, rows in reading.data.items() if rows}
    return next(iter(shown)) if list(shown.values()) == [1] else PAGES if PAGES in shown else ""


def _rules_of(snapshot: Snapshot) -> Rules:
    reading = _newest(snapshot)
    if reading is None:
        return {}
    own = _own_collection(reading)
    fields = next((each.get("fields", ()) for each in reading.rule_set.rules if each["name"] == own), ())
    return {rule["name"]: rule for rule in fields}


def _newest(snapshot: Snapshot) -> Reading | None:
    return next(iter(snapshot.readings.all()), None)


def field_names(records: Iterable[Fields]) -> list[str]:
    """All names of fields, in the order they first appear."""
    return list(dict.fromkeys(name for record in records for name in record))
