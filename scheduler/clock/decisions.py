"""What is decided about due slots, by a seed's overlap and catch-up rules (docs/schedules.md). Pure.

A slot is *late* when it can no longer be opened on time: the catch-up rule decides about late slots, the
overlap rule about every slot that is to run while an earlier run of the seed is going.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from catalog.models import Run, Seed

# Reasons of runs. One that has waited has that of ``catalog.models.run``; those that were stopped or have no
# usable URL have those of ``crawler.outcomes.Reason``.
WAITING = "waiting"  # due: it opens when the earlier run has ended
LATE = "late"  # opened late: nothing could open it in time
DOWNTIME = "downtime"  # missed: so late that it was not opened at all
OVERLAP = "overlap"  # skipped: the earlier run was going
ONE_WAITS = "one_waits"  # skipped: the earlier run was going, and another slot was waiting already
SWITCHED_OFF = "switched_off"  # skipped: the schedule was switched off before it could be opened


@dataclass(frozen=True)
class LiveRuns:
    """The unfinished runs of a seed: ``runs`` are open or about to open, ``waiting`` wait for them."""

    runs: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class SlotDecision:
    """What happens to one slot: DUE to be opened at once, DUE and WAITING, SKIPPED or MISSED."""

    slot: datetime
    state: Run.State
    reason: str = ""

    @property
    def opens(self) -> bool:
        return self.state == Run.State.DUE and self.reason != WAITING


def late_after() -> timedelta:
    """A slot opened within this time is on time."""
    return timedelta(seconds=settings.LATE_SECONDS)


def decide(seed: Seed, due: Sequence[datetime], going: LiveRuns, now: datetime) -> list[SlotDecision]:
    """What happens to the slots that have come due, oldest first; at least one."""
    together = _caught_up_together(seed, due, going)
    to_run = due[-together:] if together else _latest(seed, due, now)
    decisions = [SlotDecision(slot, Run.State.MISSED, DOWNTIME) for slot in due[: len(due) - len(to_run)]]
    for slot in to_run:
        decision = _run(seed, slot, going, now, together=bool(together))
        going = LiveRuns(going.runs + decision.opens, going.waiting + (decision.reason == WAITING))
        decisions.append(decision)
    return decisions


def _caught_up_together(seed: Seed, due: Sequence[datetime], going: LiveRuns) -> int:
    """How many slots are to run one after the other to catch up; 0 if the seed does not do that."""
    if seed.catch_up != Seed.CatchUp.ALL or len(due) == 1:
        return 0
    return max(0, seed.catch_up_limit - going.waiting)


def _latest(seed: Seed, due: Sequence[datetime], now: datetime) -> Sequence[datetime]:
    too_late = seed.catch_up == Seed.CatchUp.SKIP and now - due[-1] > late_after()
    return () if too_late else due[-1:]


def _run(seed: Seed, slot: datetime, going: LiveRuns, now: datetime, *, together: bool) -> SlotDecision:
    """The decision about a slot that is to run: at once, later, or skipped because an earlier run is going.

    Slots that are caught up on ``together`` always wait for each other, also when the seed skips a slot that
    comes due while a run is going: otherwise all but one of them would be skipped.
    """
    late = LATE if now - slot > late_after() else ""
    queues = seed.overlap == Seed.Overlap.QUEUE
    if seed.overlap == Seed.Overlap.BOTH or not (going.runs or going.waiting):
        return SlotDecision(slot, Run.State.DUE, late)
    if together or (queues and not going.waiting):
        return SlotDecision(slot, Run.State.DUE, WAITING)
    return SlotDecision(slot, Run.State.SKIPPED, ONE_WAITS if queues else OVERLAP)


def describe(seed: Seed) -> list[str]:
    """Both rules, each as a sentence for people."""
    return [_describe_overlap(seed), _describe_catch_up(seed)]


def _describe_overlap(seed: Seed) -> str:
    ends = {
        Seed.Overlap.SKIP: "is left out",
        Seed.Overlap.QUEUE: "waits for its end; one waits at a time",
        Seed.Overlap.BOTH: "runs beside it",
    }
    return f"A due time that comes while the earlier run is going {ends[Seed.Overlap(seed.overlap)]}."


def _describe_catch_up(seed: Seed) -> str:
    if seed.catch_up == Seed.CatchUp.SKIP:
        return "After a downtime it goes on with the next due time; those that were missed are left out."
    if seed.catch_up == Seed.CatchUp.ONE:
        return "After a downtime it runs once, however many due times were missed."
    how = "all at once" if seed.overlap == Seed.Overlap.BOTH else "one after the other"
    return f"After a downtime it runs what was missed, {how}, at most the last {seed.catch_up_limit}."
