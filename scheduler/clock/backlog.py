"""The slots of a seed that have come due, and their rows in the ledger: one for each, up to a bound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Run, Seed
from crawler.lanes import rank_of
from scheduler.clock import slots
from scheduler.clock.decisions import DOWNTIME, SlotDecision

ROWS_EACH = 100  # slots, the latest, that get a row each; the older ones share a row that says how many


@dataclass(frozen=True)
class SharedRow:
    """Many old slots that share one row."""

    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True)
class Backlog:
    """What has come due: the oldest slots together, if there are many, the others one by one, in order."""

    together: SharedRow | None
    due: list[datetime]


def backlog_of(seed: Seed, until: datetime) -> Backlog:
    """The seed's ``next_slot``, which has come due, and all its later slots up to and including ``until``.

    Takes a few milliseconds for any interval and any downtime. A schedule that cannot be read has only the
    slot in its row.
    """
    first = seed.next_slot
    assert first is not None
    try:
        later = slots.slots_between(seed, first, until, ROWS_EACH + 1)
        if len(later) <= ROWS_EACH:
            return Backlog(None, [first, *later])
        last = later[0]
        return Backlog(SharedRow(first, last, 1 + slots.count_between(seed, first, last)), later[1:])
    except (ValueError, OverflowError):
        return Backlog(None, [first])


def rows(seed: Seed, backlog: Backlog, decisions: Iterable[SlotDecision], now: datetime) -> list[Run]:
    """Unsaved rows for the decisions on a backlog, oldest slot first."""
    runs = [_row(seed, decision, now) for decision in decisions]
    if old := backlog.together:
        row = _row(seed, SlotDecision(old.first, Run.State.MISSED, DOWNTIME), now)
        row.slots, row.last_slot = old.count, old.last
        runs.insert(0, row)
    return runs


def _row(seed: Seed, decision: SlotDecision, now: datetime) -> Run:
    over = decision.state != Run.State.DUE
    return Run(
        seed=seed,
        kind=Run.Kind.SCHEDULED,
        slot=decision.slot,
        state=decision.state,
        reason=decision.reason,
        rank=rank_of(seed.lane, seed.priority),
        created_at=now,
        finished_at=now if over else None,
    )
