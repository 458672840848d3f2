"""The ledger: a row for every slot that comes due, whatever becomes of it, and the seed's next slot.

Whoever hears that a slot is due answers all that are, many seeds in one transaction. So it does not matter
which messages of the clock are lost, doubled or late, and a thousand seeds due at once take no longer than
their inserts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Run, Seed
from catalog.sql.bulk import update_each
from pipelines.runs import SEED_DELETED
from scheduler.clock import entries
from scheduler.clock.backlog import backlog, rows
from scheduler.clock.decisions import SWITCHED_OFF, WAITED, WAITING, LiveRuns, decide
from scheduler.clock.planning import active, following

SEEDS_AT_ONCE = 100  # whose slots a transaction answers
ROWS_AT_ONCE = 1000  # about as many rows a transaction writes
EARLY = timedelta(seconds=2)  # beat's clock may be ahead of the database's


@dataclass
class Opened:
    """What became due: the runs to open now, and whether there may be more seeds due."""

    runs: list[Run] = field(default_factory=list)
    more: bool = False


def answer_due(now: datetime, until: datetime | None = None) -> Opened:
    """Answer slots that have come due: their rows in the ledger, and the next slot of their seeds.

    ``until`` is the slot that the caller heard of, which by the database's clock may not have come quite yet.
    """
    bound = max(now, min(until or now, now + EARLY))
    if not _due(bound).exists():  # spares SQLite its write lock
        return Opened()
    with transaction.atomic():
        locked = _due(bound).select_for_update(skip_locked=True, no_key=True)
        seeds = list(locked.order_by("next_slot")[:SEEDS_AT_ONCE])
        made, answered = _answer(seeds, bound, now)
        Run.objects.bulk_create(made)
        update_each(answered, ["next_slot"])
        tell_clock(answered)
    more = len(seeds) == SEEDS_AT_ONCE or len(answered) < len(seeds)
    return Opened([run for run in made if run.state == Run.State.DUE and run.reason != WAITING], more)


def _due(bound: datetime) -> QuerySet[Seed]:
    return Seed.objects.scheduled().filter(next_slot__lte=bound)


def _answer(seeds: list[Seed], bound: datetime, now: datetime) -> tuple[list[Run], list[Seed]]:
    """New rows for as many of the seeds as a transaction should answer, and these seeds, moved on."""
    going, taken = _going(seeds), _taken(seeds)
    made: list[Run] = []
    for number, seed in enumerate(seeds):
        if len(made) >= ROWS_AT_ONCE:
            return made, seeds[:number]
        found = backlog(seed, bound)
        decisions = decide(seed, found.due, going[seed.pk], now)
        made += [run for run in rows(seed, found, decisions, now) if run.slot not in taken[seed.pk]]
        seed.next_slot = following(seed, max(bound, found.due[-1]))
    return made, seeds


def _going(seeds: Iterable[Seed]) -> dict[int, LiveRuns]:
    """What is going of each seed; recrawls do not count."""
    found: dict[int, LiveRuns] = defaultdict(LiveRuns)
    runs = Run.objects.live().filter(seed__in=[seed.pk for seed in seeds])
    for seed_id, reason in runs.exclude(kind=Run.Kind.RECRAWL).values_list("seed", "reason"):
        before, waits = found[seed_id], reason == WAITING
        found[seed_id] = LiveRuns(before.runs + (not waits), before.waiting + waits)
    return found


def _taken(seeds: Iterable[Seed]) -> dict[int, set[datetime]]:
    """Slots that have their row: the seed's slot was put back, by a stale object that was saved."""
    found: dict[int, set[datetime]] = defaultdict(set)
    oldest = min((seed.next_slot for seed in seeds if seed.next_slot), default=None)
    if oldest:
        runs = Run.objects.filter(
            seed__in=[seed.pk for seed in seeds], kind=Run.Kind.SCHEDULED, slot__gte=oldest
        )
        for seed_id, slot in runs.values_list("seed", "slot"):
            found[seed_id].add(slot)
    return found


def call_waiting(now: datetime, of_runs: Collection[int] | None = None) -> list[Run]:
    """The runs that waited and whose turn has come, to be opened now: one of each seed, the oldest.

    ``of_runs``: runs that have just ended, if only their seeds are to be looked at. Runs of seeds that were
    switched off or deleted meanwhile are written off.
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
        free = [seed for seed in seeds if active(seed) and not going[seed.pk].runs]
        _write_off(gone, now)
        return _call(free)


def _write_off(seeds: Iterable[Seed], now: datetime) -> None:
    for seed in seeds:
        waiting = seed.runs.filter(state=Run.State.DUE, reason=WAITING)
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
    """Tell the clock of the seeds' slots once the transaction is through; never fails the caller."""
    slots = {seed.pk: seed.next_slot for seed in seeds}
    transaction.on_commit(lambda: entries.put_all(slots), robust=True)
