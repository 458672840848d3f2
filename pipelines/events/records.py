"""Events of records: new, with other values, gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from catalog.models import Event
from crawler.reading.record import Value
from pipelines.events.rows import EventRow
from pipelines.events.values import field_changes, subject_of


class Known(Protocol):
    """What an event says of a record."""

    id: int
    seed_id: int
    collection: str
    key: list[str]
    page_id: int
    snapshot_id: int
    values: Value


class Seen(NamedTuple):
    """By which run something was seen, and when, and whether it is news of the site and not of our rules."""

    run_id: int | None
    at: datetime
    is_news: bool = True


def record_new(record: Known, seen: Seen, gone_since: datetime | None) -> EventRow:
    """A record that is seen for the first time, or again after it was gone."""
    row = _row(record, Event.Kind.RECORD_NEW, seen)
    row.after, row.detail = record.values, back_after(gone_since)
    return row


def record_gone(record: Known, seen: Seen) -> EventRow:
    row = _row(record, Event.Kind.RECORD_GONE, seen)
    row.before = record.values
    return row


def record_changed(record: Known, before: Value, seen: Seen) -> Sequence[EventRow]:
    """An event for each field that has another value than before."""
    rows = []
    for change in field_changes(before, record.values):
        row = _row(record, Event.Kind.FIELD_CHANGED, seen)
        row.field, row.before, row.after, row.difference, row.percent = change
        rows.append(row)
    return rows


def back_after(gone_since: datetime | None) -> str:
    """A sentence for what is back; empty for what is new."""
    return f"It was gone since {gone_since:%Y-%m-%d %H:%M} UTC." if gone_since is not None else ""


def _row(record: Known, kind: Event.Kind, seen: Seen) -> EventRow:
    return EventRow(
        seed_id=record.seed_id,
        kind=kind,
        at=seen.at,
        run_id=seen.run_id,
        page_id=record.page_id,
        record_id=record.id,
        snapshot_id=record.snapshot_id,
        collection=record.collection,
        subject=subject_of(record.values, record.key),
    )
