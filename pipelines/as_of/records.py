"""Records at a moment: their values then, and whether they were there.

A record that was gone and is back has no such time in its row any more; its events tell. If it came back
before there were events, it counts as there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from catalog.models import Event, RecordVersion

COLUMNS = ("pk", "values", "snapshot_id", "last_changed_at", "gone_at", "new_in__created_at")


class RecordAt(NamedTuple):
    """What is known of a record at a moment. ``values`` None: they are not kept."""

    values: dict[str, Any] | None
    snapshot_id: int | None  # the version from which they were read
    changed_at: datetime | None
    gone_at: datetime | None  # None: it was there
    current: bool  # whether these are the values that it has now


def records_at(rows: Sequence[dict[str, Any]], moment: datetime) -> dict[int, RecordAt]:
    """By id, the state of records that had been seen by ``moment``. ``rows`` have :data:`COLUMNS`."""
    changed = {row["pk"] for row in rows if row["last_changed_at"] > moment}
    earlier = _versions(changed, moment)
    states = {row["pk"]: _state(row, earlier, changed) for row in rows}
    doubtful = {row["pk"] for row in rows if _came_back_since(row, moment)}
    for pk, gone_at in _gone(doubtful, moment):
        since = states[pk].changed_at
        if since is None or since <= gone_at:  # else it was back by then
            states[pk] = states[pk]._replace(gone_at=gone_at)
    return {
        pk: state if state.gone_at is None or state.gone_at <= moment else state._replace(gone_at=None)
        for pk, state in states.items()
    }


def _versions(records: Collection[int], moment: datetime) -> dict[int, RecordVersion]:
    """By record, the values that it had at a moment and has no more."""
    if not records:
        return {}
    versions = RecordVersion.objects.filter(record__in=records, since__lte=moment, until__gt=moment)
    return {version.record_id: version for version in versions.order_by("pk")}


def _state(row: dict[str, Any], earlier: dict[int, RecordVersion], changed: Collection[int]) -> RecordAt:
    if row["pk"] not in changed:
        return RecordAt(row["values"], row["snapshot_id"], row["last_changed_at"], row["gone_at"], True)
    version = earlier.get(row["pk"])
    if version is None:
        return RecordAt(None, None, None, row["gone_at"], False)
    return RecordAt(version.values, version.snapshot_id, version.since, row["gone_at"], False)


def _came_back_since(row: dict[str, Any], moment: datetime) -> bool:
    """Whether it may have come back after ``moment``, and so have been gone then."""
    if row["gone_at"] is not None and row["gone_at"] <= moment:
        return False
    back = row["new_in__created_at"]
    return back is not None and bool(back > moment)


def _gone(records: Collection[int], moment: datetime) -> Iterable[tuple[int, datetime]]:
    """Those whose last event by ``moment`` said that they were gone, and since when."""
    if not records:
        return []
    events = Event.objects.filter(record_id__in=records, kind__in=Event.RECORDS, at__lte=moment)
    last = {
        pk: (kind, at) for pk, kind, at in events.order_by("at", "pk").values_list("record_id", "kind", "at")
    }
    return [(pk, at) for pk, (kind, at) in last.items() if pk is not None and kind == Event.Kind.RECORD_GONE]
