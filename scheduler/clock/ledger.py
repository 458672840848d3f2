"""The ledger: a row for every slot that comes due, also for one that is not opened, and the seed's next slot.

A task that is told of one due slot answers all slots that are due, many seeds in one transaction. So messages
of the clock may be lost, doubled or late, and a thousand seeds that are due at once take no longer than their
inserts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Run, Seed
from catalog.models.run import WAITED
from catalog.sql.bulk import update_each
from pipelines.events.ended_runs import begin_late, begin_missed
from pipelines.events.outages import Outages
from pipelines.runs import SEED_DELETED, create_run
from scheduler.clock import entries
from scheduler.clock.backlog import backlog_of, rows
from scheduler.clock.decisions import LATE, SWITCHED_OFF, WAITING, LiveRuns, decide
from scheduler.clock.planning import active, following

SEEDS_AT_ONCE = 100  # whose slots a transaction answers
ROWS_AT_ONCE = 1000  # about as many rows a transaction writes
EARLY = timedelta(seconds=2)  # beat's clock may be ahead of the database's


@dataclass
class DueRuns:
    """The runs to open now, and whether more seeds may be due."""

    runs: list[Run] = field(default_factory=list)
    more: bool = False


def answer_due(now: datetime, until: datetime | None = None) -> DueRuns:
    """Answer slots that have come due: their rows in the ledger, and the next slot of their seeds.

    ``until`` is the slot that the caller was told of; by the database's clock it may still be a moment away.
    """
    bound = max(now, min(until or now, now + EARLY))
    if not _due(bound).exists():  # a read only: SQLite would take its write lock for the transaction
        return DueRuns()
    with transaction.atomic():
        locked = _due(bound).select_for_update(skip_locked=True, no_key=True)
        seeds = list(locked.order_by("next_slot")[:SEEDS_AT_ONCE])
        new_runs, answered = _answer(seeds, bound, now)
        Run.objects.bulk_create(new_runs)
        _tell(new_runs, now)
        update_each(answered, ["next_slot"])
        tell_clock(answered)
    more = len(seeds) == SEEDS_AT_ONCE or len(answered) < len(seeds)
    return DueRuns([run for run in new_runs if run.state == Run.State.DUE and run.reason != WAITING], more)


def _tell(runs: Iterable[Run], now: datetime) -> None:
    """Slots that were missed or are opened late: one event for each seed, whose row is locked."""
    outages: dict[int, Outages] = {}
    for run in runs:
        if run.state == Run.State.MISSED or run.reason == LATE:
            if run.seed_id not in outages:
                outages[run.seed_id] = Outages(run.seed_id, run.pk, now)
            of_seed = outages[run.seed_id]
            if run.state == Run.State.MISSED:
                begin_missed(of_seed, run.slot)
            else:
                begin_late(of_seed, run.slot, now)
    for of_seed in outages.values():
        of_seed.write()


def run_by_hand(seed: Seed, now: datetime) -> Run:
    """The run of a seed that somebody asks for now, in the urgent lane: its overlap rule counts here too.

    A new run, maybe one that waits (its ``slot`` is ``now``), or instead of one the run that is going.
    """
    with transaction.atomic():
        locked = Seed.objects.select_for_update(no_key=True).get(pk=seed.pk)
        (decision,) = decide(locked, [now], _going([locked])[locked.pk], now)
        if decision.state == Run.State.DUE and (run := create_run(locked, Run.Kind.MANUAL, now, now)):
            run.reason = decision.reason
            run.save(update_fields=["reason"])
            return run
        return Run.objects.live().filter(seed=seed).exclude(kind=Run.Kind.RECRAWL).latest("pk")


def _due(bound: datetime) -> QuerySet[Seed]:
    return Seed.objects.scheduled().filter(next_slot__lte=bound)


def _answer(seeds: list[Seed], bound: datetime, now: datetime) -> tuple[list[Run], list[Seed]]:
    """New rows for as many seeds as a transaction should answer, and these seeds with their next slot."""
    going, known = _going(seeds), _known_slots(seeds)
    runs: list[Run] = []
    for number, seed in enumerate(seeds):
        if len(runs) >= ROWS_AT_ONCE:
            return runs, seeds[:number]
        backlog = backlog_of(seed, bound)
        decisions = decide(seed, backlog.due, going[seed.pk], now)
        runs += [run for run in rows(seed, backlog, decisions, now) if run.slot not in known[seed.pk]]
        seed.next_slot = following(seed, max(bound, backlog.due[-1]))
    return runs, seeds


def _going(seeds: Iterable[Seed]) -> dict[int, LiveRuns]:
    """The unfinished runs of each seed; recrawls do not count."""
    going: dict[int, LiveRuns] = defaultdict(LiveRuns)
    runs = Run.objects.live().filter(seed__in=[seed.pk for seed in seeds])
    for seed_id, reason in runs.exclude(kind=Run.Kind.RECRAWL).values_list("seed", "reason"):
        before, waits = going[seed_id], reason == WAITING
        going[seed_id] = LiveRuns(before.runs + (not waits), before.waiting + waits)
    return going


def _known_slots(seeds: Iterable[Seed]) -> dict[int, set[datetime]]:
    """Slots that have a row already: saving a stale object has put the seed's slot back."""
    known: dict[int, set[datetime]] = defaultdict(set)
    oldest = min((seed.next_slot for seed in seeds if seed.next_slot), default=None)
    if oldest:
        runs = Run.objects.filter(
            seed__in=[seed.pk for seed in seeds], kind=Run.Kind.SCHEDULED, slot__gte=oldest
        )
        for seed_id, slot in runs.values_list("seed", "slot"):
            known[seed_id].add(slot)
    return known


def call_waiting(now: datetime, of_runs: Collection[int] | None = None) -> list[Run]:
    """The waiting runs that can be opened now: of each seed without an open run, the oldest.

    ``of_runs``: runs that have just ended; then only their seeds are looked at. Waiting runs of seeds that
    were switched off or deleted meanwhile are skipped, but for those that were asked for by hand.
    """
    waiting = Run.objects.filter(state=Run.State.DUE, reason=WAITING)
    if of_runs is not None:
        waiting = waiting.filter(seed__runs__in=of_runs)
    seed_ids = set(waiting.values_list("seed", flat=True))
    if not seed_ids:
        return []
    with transaction.atomic():
        seeds = list(Seed.objects.select_for_update(no_key=True).filter(pk__in=seed_ids).order_by("pk"))
        going = _going(seeds)
        gone = [seed for seed in seeds if not active(seed)]
        free = [seed for seed in seeds if not seed.deleted_at and not going[seed.pk].runs]
        _skip_waiting(gone, now)
        return _call(free)


def _skip_waiting(seeds: Iterable[Seed], now: datetime) -> None:
    for seed in seeds:
        waiting = seed.runs.filter(state=Run.State.DUE, reason=WAITING)
        if not seed.deleted_at:
            waiting = waiting.exclude(kind=Run.Kind.MANUAL)
        reason = SEED_DELETED if seed.deleted_at else SWITCHED_OFF
        waiting.update(state=Run.State.SKIPPED, reason=reason, finished_at=now)


def _call(seeds: Iterable[Seed]) -> list[Run]:
    first: dict[int, Run] = {}
    waiting = Run.objects.filter(state=Run.State.DUE, reason=WAITING, seed__in=[seed.pk for seed in seeds])
    for run in waiting.order_by("slot"):
        first.setdefault(run.seed_id, run)
    called = list(first.values())
    Run.objects.filter(pk__in=[run.pk for run in called]).update(reason=WAITED)
    for run in called:
        run.reason = WAITED
    return called


def tell_clock(seeds: Iterable[Seed]) -> None:
    """Tell the clock of the seeds' slots after the commit; never fails the caller."""
    slots = {seed.pk: seed.next_slot for seed in seeds}
    transaction.on_commit(lambda: entries.put_all(slots), robust=True)
