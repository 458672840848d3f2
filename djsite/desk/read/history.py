"""The history of a page: its versions, newest first, and what each changed in the fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from catalog.models import Page, Record, Snapshot
from djsite.desk.read.keyset import Slice

Fields = dict[str, str | None]


@dataclass(frozen=True)
class Cell:
    """A field of a version, beside what the version before had."""

    name: str
    value: str | None
    before: str | None
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


def versions_of(page: Page) -> QuerySet[Snapshot]:
    """A page's versions with their records, without text and outlinks."""
    return page.snapshots.select_related("record", "run").defer("text_zstd", "outlinks_zstd")


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
    """A field that either version does not have at all is empty, and no change: the rules were others."""
    now, then = fields_of(snapshot), fields_of(before) if before else {}
    return [
        Cell(
            name, now.get(name, ""), then.get(name), name in now and name in then and now[name] != then[name]
        )
        for name in names
    ]


def fields_of(snapshot: Snapshot) -> Fields:
    """The extracted fields of a version; none when it has no record."""
    try:
        fields: Fields = snapshot.record.data
    except Record.DoesNotExist:
        return {}
    return fields


def field_names(records: Iterable[Fields]) -> list[str]:
    """All names of fields, in the order they first appear."""
    return list(dict.fromkeys(name for record in records for name in record))
