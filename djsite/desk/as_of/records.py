"""Records as they were at a moment: a part of a list of them, or one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.models import Page, Record
from pipelines.as_of.records import COLUMNS, RecordAt, records_at


@dataclass(frozen=True)
class PastRecord:
    """A record at a moment, with the names of :class:`catalog.models.Record`.

    ``values`` are empty, and ``last_changed_at`` is None, if those of that time are not kept.
    """

    pk: int
    key: list[str]
    position: int
    page: Page
    values: dict[str, Any]
    last_changed_at: datetime | None
    gone_at: datetime | None
    snapshot_id: int | None
    held: dict[str, datetime] = field(default_factory=dict)


def past_records(records: Sequence[Record], moment: datetime) -> list[PastRecord]:
    """Records that had been seen by a moment, as they were then."""
    rows = Record.objects.filter(pk__in=[record.pk for record in records]).values(*COLUMNS)
    states = records_at(list(rows), moment)
    return [_past(record, states[record.pk], moment) for record in records if record.pk in states]


def _past(record: Record, state: RecordAt, moment: datetime) -> PastRecord:
    held = {name: since for name, since in record.held.items() if state.current and since <= moment}
    return PastRecord(
        record.pk,
        record.key,
        record.position,
        record.page,
        state.values or {},
        state.changed_at,
        state.gone_at,
        state.snapshot_id,
        held,
    )
