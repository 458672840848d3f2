"""What the ledger and the schedule say of each slot of a seed in a span of time. Pure: it reads no rows.

A slot that came due has its row. A due time of the present schedule without a row is due and not opened
yet, still coming, or never was a slot because the schedule was off or another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from catalog.models import Seed
from djsite.desk.words import reason_words, run_words
from scheduler.clock import decisions, planning, slots

_MOMENT = timedelta(microseconds=1)
_PLANNED = timedelta(seconds=5)  # from saving a seed until its slot is certainly written

COMING, DUE, NO_SLOT, NO_ROW = "coming", "due", "not due", "not recorded"
OPENING = "to be opened in a moment"
OVERDUE = "nothing has opened it yet"
OFF = "the schedule is off"
WAS_OTHER = "the schedule was off then, or another"
PRUNED = "its row is no longer kept"
LOST = "it has no row, though the seed was not saved since"


class LedgerRow(NamedTuple):
    """What the calendar needs to know of a run."""

    pk: int
    slot: datetime
    slots: int
    last_slot: datetime | None
    state: str
    reason: str
    successes: int  # visits stored or found unchanged
    failed: int  # without known failures


class Entry(NamedTuple):
    """One slot: its state as a word with a tone, the reason as half a sentence, and its row, if any."""

    slot: datetime
    label: str
    tone: str
    reason: str = ""
    run: int | None = None
    shared: int = 1  # slots that the row stands for


@dataclass
class Account:
    """The slots of a span, in order, and what cannot be shown slot by slot.

    ``together``: rows for many slots of a schedule that has changed since, so that their times are unknown.
    ``problem``: why the schedule cannot be read; then only slots of the ledger are shown.
    """

    entries: list[Entry] = field(default_factory=list)
    together: list[LedgerRow] = field(default_factory=list)
    problem: str = ""


def account(seed: Seed, rows: Iterable[LedgerRow], begin: datetime, end: datetime, now: datetime) -> Account:
    """Every slot of ``seed`` from ``begin`` until before ``end``; ``rows`` are those that touch this span."""
    result = Account()
    of_rows: dict[datetime, Entry] = {}
    for row in rows:
        slots_of_row = _slots_of(seed, row, begin, end)
        if slots_of_row is None:
            result.together.append(row)
        for slot in slots_of_row or ():
            of_rows[slot] = _of_row(row, slot)
    try:
        rowless = [slot for slot in _named(seed, begin, end) if slot not in of_rows]
    except (ValueError, OverflowError) as error:
        rowless, result.problem = [], str(error)
    without_row = _WithoutRow(seed, now)
    entries = [without_row.entry(slot) for slot in rowless if not _within(slot, result.together)]
    result.entries = sorted(
        (*of_rows.values(), *(entry for entry in entries if entry)), key=lambda entry: entry.slot
    )
    return result


def _slots_of(seed: Seed, row: LedgerRow, begin: datetime, end: datetime) -> Sequence[datetime] | None:
    """The slots of a row in the span; None when it has many and the schedule cannot tell them (any more)."""
    if row.last_slot is None:
        return [row.slot] if begin <= row.slot < end else []
    try:
        if 1 + slots.count_between(seed, row.slot, row.last_slot) != row.slots:
            return None
        later = _between(seed, max(begin, row.slot + _MOMENT), min(end, row.last_slot + _MOMENT))
    except (ValueError, OverflowError):
        return None
    return [*([row.slot] if begin <= row.slot < end else []), *later]


def _of_row(row: LedgerRow, slot: datetime) -> Entry:
    words = run_words(row.state, row.reason, row.successes, row.failed)
    return Entry(slot, words.label, words.tone, reason_words(row.reason), row.pk, row.slots)


def _named(seed: Seed, begin: datetime, end: datetime) -> list[datetime]:
    """Due times of the schedule since the seed's creation, and the seed's next slot in any case."""
    if seed.schedule == Seed.Schedule.MANUAL:
        return []
    times = _between(seed, max(begin, seed.created_at + _MOMENT), end)
    first = seed.next_slot
    if first and begin <= first < end and first not in times:
        times.append(first)
    return times


def _between(seed: Seed, begin: datetime, end: datetime) -> list[datetime]:
    """Due times from ``begin`` until before ``end``."""
    if begin >= end:
        return []
    return slots.every_between(seed, begin - _MOMENT, end - _MOMENT)


def _within(slot: datetime, together: Iterable[LedgerRow]) -> bool:
    return any(row.last_slot and row.slot <= slot <= row.last_slot for row in together)


class _WithoutRow:
    """Makes entries for due times of the schedule that have no row in the ledger."""

    def __init__(self, seed: Seed, now: datetime) -> None:
        self._now = now
        self._active = planning.active(seed)
        self._next = seed.next_slot or now
        self._kept_since = now - timedelta(days=settings.RUN_RETENTION_DAYS)
        self._saved = seed.updated_at + _PLANNED
        self._in_step = seed.next_slot is not None and seed.slot_rule == slots.rule_of(seed)

    def entry(self, slot: datetime) -> Entry | None:
        """The entry of the due time; None for a future one that will be no slot of the seed."""
        if self._active and slot >= self._next:
            return self._to_come(slot)
        if slot > self._now:
            return None
        if slot < self._kept_since:
            return Entry(slot, NO_ROW, "none", PRUNED)
        if slot > self._saved and not self._active:
            return Entry(slot, NO_SLOT, "none", OFF)
        if slot > self._saved and self._in_step:
            return Entry(slot, NO_ROW, "bad", LOST)
        return Entry(slot, NO_SLOT, "none", WAS_OTHER)

    def _to_come(self, slot: datetime) -> Entry:
        if slot > self._now:
            return Entry(slot, COMING, "next")
        if self._now - slot > decisions.late_after():
            return Entry(slot, DUE, "warn", OVERDUE)
        return Entry(slot, DUE, "idle", OPENING)
