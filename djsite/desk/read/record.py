"""One record over time: its values, what each change brought, and who read them by which rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from catalog.models import Record, RecordVersion, RuleSet, Snapshot
from djsite.desk.read.history import Cell, field_names
from djsite.desk.read.keyset import Slice


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
