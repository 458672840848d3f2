"""Records: the things of a seed's collection as a table, and one of them over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from catalog.models import Record, RecordVersion, RuleSet, Seed, Snapshot
from djsite.desk.read.history import Cell, field_names
from djsite.desk.read.keyset import Slice


def records_at(seed: Seed, fingerprint: int, collection: str = "") -> QuerySet[Record]:
    """The records that a page of a seed shows, of all collections or of one."""
    records = Record.objects.filter(seed=seed, page__seed=seed, page__fingerprint=fingerprint)
    return (records.filter(collection=collection) if collection else records).select_related("page")


def collections_of(seed: Seed) -> list[str]:
    """The names of a seed's collections: those in force, and those that records have besides."""
    in_force = [collection.name for collection in seed.policy().collections]
    return list(dict.fromkeys([*in_force, *_kept(seed)]))


def main_collection(seed: Seed) -> str:
    """The collection that is meant when none is named: of those in force the one with most fields, so that a
    list with details shows the details; else the first that has records; empty without any.
    """
    in_force = seed.policy().collections
    if in_force:
        return max(in_force, key=lambda collection: len(collection.fields)).name
    return next(iter(_kept(seed)), "")


def _kept(seed: Seed) -> list[str]:
    """Each name by one look into the index, whatever the number of records."""
    names: list[str] = []
    rows = Record.objects.filter(seed=seed).order_by("collection")
    while name := rows.filter(collection__gt=names[-1] if names else "").values_list("collection").first():
        names.append(name[0])
    return names


def key_of(seed: Seed, collection: str) -> tuple[str, ...]:
    """The names of the fields that are a collection's key now."""
    return next((each.key for each in seed.policy().collections if each.name == collection), ())


class HasValues(Protocol):
    """A record, now or at a moment."""

    @property
    def values(self) -> Any:
        """By the names of its fields."""


def columns_of(seed: Seed, collection: str, records: Iterable[HasValues]) -> list[str]:
    """The collection's fields, and those that these records have besides, by older rules."""
    in_force = (each for each in seed.policy().collections if each.name == collection)
    fields = {field.name: None for each in in_force for field in each.fields}
    return field_names([fields, *(record.values for record in records)])


@dataclass(frozen=True)
class Change:
    """What a record had before a moment, beside what it had then."""

    at: datetime
    earlier: RecordVersion
    cells: list[Cell]  # of the fields that changed
    version: Snapshot | None  # that the earlier values were read from; None: pruned


def whole_records() -> QuerySet[Record]:
    """All records of seeds that are not deleted, with what is said of one."""
    return Record.objects.filter(seed__deleted_at=None).select_related("seed", "page")


def version_of(record: Record) -> Snapshot | None:
    """The version from which its values were read; None if that was pruned."""
    return _versions([record.snapshot_id]).get(record.snapshot_id)


def rules_of(record: Record) -> RuleSet | None:
    """The rule set by which its values were read."""
    return RuleSet.objects.filter(pk=record.rule_set_id).select_related("created_by").first()


def _versions(keys: list[int]) -> dict[int, Snapshot]:
    return Snapshot.objects.only("fetched_at", "digest", "size", "final_url").in_bulk(keys)


def earlier_values(record: Record) -> QuerySet[RecordVersion]:
    """The values that a record had before, newest first."""
    return record.earlier.order_by("-id")


def changes_of(record: Record, part: Slice[RecordVersion]) -> list[Change]:
    """A slice of :func:`earlier_values`, each against the values that came after it."""
    if not part.rows:
        return []
    newer = record.earlier.filter(pk__gt=part.rows[0].pk).order_by("id").first()
    after: Sequence[dict[str, Any]] = [
        (newer or record).values,
        *(version.values for version in part.rows),
    ]
    versions = _versions([earlier.snapshot_id for earlier in part.rows])
    return [
        Change(earlier.until, earlier, _changed(values, earlier.values), versions.get(earlier.snapshot_id))
        for earlier, values in zip(part.rows, after, strict=False)
    ]


def _changed(now: dict[str, Any], before: dict[str, Any]) -> list[Cell]:
    return [
        Cell(name, now.get(name), before.get(name), changed=True)
        for name in field_names([now, before])
        if now.get(name) != before.get(name)
    ]


def last_seen(record: Record) -> datetime:
    """When it was seen last: while its page is found unchanged, that is when the page was fetched."""
    if record.gone_at is not None:
        return record.last_seen_at
    return max(record.last_seen_at, record.page.last_fetched_at)
