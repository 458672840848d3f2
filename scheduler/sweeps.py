"""The net below the hints: what a lost message, a dead process or an outage left behind goes on here."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.conf import settings

from crawler.records import Lane
from djsite.catalog.models import Batch, Run
from djsite.catalog.models.visit import lane_of, ranks_of
from pipelines import runs
from pipelines.export import to_begin
from pipelines.frontier import hosts
from pipelines.opening import open_runs
from scheduler import ask, counters, ledger
from scheduler.chains import NEXT_STAGES, publish
from scheduler.lanes import CONTROL, depth, depths, forget_held, queue_name
from scheduler.policies import WAITING
from scheduler.server import attempt
from scheduler.wake import wake

logger = logging.getLogger(__name__)

OPENED_AT_ONCE = 100  # runs that a transaction opens
STARVED_AT_ONCE = 2  # batches of a queue that a sweep lets pass the better lanes
MANY = 500  # rows of one kind that a sweep takes care of; the next one takes the rest


def sweep(now: datetime) -> None:
    """Everything below, each step whatever becomes of the others."""
    for step in STEPS:
        try:
            step(now)
        except Exception:
            logger.exception("sweep: %s", step.__name__)


def close_runs(now: datetime) -> None:
    """Runs whose visits have all ended, or whose time is up."""
    runs.close_runs(now)


def settle_runs(now: datetime) -> None:
    """Runs paused, resumed or stopped whose visits do not all know it yet."""
    if runs.settle_runs(now):
        wake_hosts(now)


def start_runs(now: datetime) -> None:
    """Runs written down and never opened: their message was lost."""
    late = now - timedelta(seconds=settings.SWEEP_SECONDS)
    due = Run.objects.filter(state=Run.State.DUE, created_at__lte=late).exclude(reason=WAITING)
    start_all(list(due.order_by("rank", "slot")[:MANY]), now)


def start(run: Run, now: datetime) -> None:
    """Open a run and wake the sessions for its hosts."""
    wake({lane_of(run.rank): runs.start_run(run, now)})


def start_all(due: Collection[Run], now: datetime) -> None:
    """:func:`start` for many runs, some at a time; one that cannot be opened stops no other."""
    recrawls = [run for run in due if run.kind == Run.Kind.RECRAWL]
    others = [run for run in due if run.kind != Run.Kind.RECRAWL]
    for first in range(0, len(others), OPENED_AT_ONCE):
        part = others[first : first + OPENED_AT_ONCE]
        try:
            wake(open_runs([run.pk for run in part], now))
        except Exception:
            logger.exception("%d runs cannot be opened together; opening them one by one", len(part))
            recrawls += part
    for run in recrawls:
        try:
            start(run, now)
        except Exception:
            logger.exception("run %s cannot be opened", run.pk)


def open_waiting(now: datetime, ended: Collection[int] | None = None) -> None:
    """Runs that waited for an earlier one of their seed; only those behind the runs ``ended``, if given."""
    if ended is None or ended:
        start_all(ledger.call_waiting(now, ended), now)


def open_slots(now: datetime, until: datetime | None = None) -> None:
    """Slots that have come due, whether or not the clock's message for them has come."""
    more = True
    while more:
        opened = ledger.answer_due(now, until)
        start_all(opened.runs, now)
        more = opened.more


def publish_batches(now: datetime) -> None:
    """Batches overdue in a stage whose queue is empty: nothing else will come for them.

    The oldest of those that better lanes keep waiting go with the urgent ones, a few each time.
    """
    overdue = Batch.objects.exclude(state=Batch.State.STORED).filter(due_at__lte=now).order_by("rank", "pk")
    waiting: dict[str, list[Batch]] = defaultdict(list)
    for batch in overdue[:MANY]:
        stage = NEXT_STAGES[Batch.State(batch.state)][0]
        waiting[queue_name(stage, Lane(batch.lane))].append(batch)
    depth_of = depths(list(waiting))
    due_at = now + timedelta(seconds=settings.BATCH_DUE_SECONDS)
    starved = now - timedelta(seconds=settings.BATCH_DUE_SECONDS)
    for queue in waiting:
        behind = [batch for batch in waiting[queue] if batch.due_at <= starved and batch.lane != Lane.URGENT]
        for batch in behind[:STARVED_AT_ONCE] if depth_of[queue] else waiting[queue]:
            if Batch.objects.filter(pk=batch.pk, due_at=batch.due_at).update(due_at=due_at):
                publish(batch, Lane.URGENT if depth_of[queue] else None)


def ask_exports(now: datetime) -> None:
    """Exports that nobody makes while nothing waits on the control queue."""
    late = now - timedelta(seconds=settings.SWEEP_SECONDS)
    lost = list(to_begin(now).filter(created_at__lte=late).order_by("pk")[:MANY])
    if lost and not depth(CONTROL):
        for export in lost:
            ask.make_export(export)


def free_leases(now: datetime) -> None:
    """Leases that ended a while ago and were not taken over: their hosts had no more work."""
    freed = hosts.free_ended(now - timedelta(seconds=settings.HOST_LEASE_SECONDS))
    if freed:
        logger.warning("freed %d hosts whose session died", freed)
        counters.count_expiries(freed)


def wake_hosts(now: datetime) -> None:
    """Hosts with due work that no session holds, those of ended leases too."""
    wake({lane: hosts.waiting(ranks_of(lane), MANY, now) for lane in Lane})


def forget_messages(now: datetime) -> None:
    """What dead workers held: as late as an overdue batch it is no hint any more."""
    late = now - timedelta(seconds=settings.BATCH_DUE_SECONDS)
    attempt(lambda: forget_held(late.timestamp()))


STEPS: list[Callable[[datetime], None]] = [
    close_runs, settle_runs, open_waiting, start_runs, open_slots, publish_batches, ask_exports, free_leases,
    wake_hosts, forget_messages,
]  # fmt: skip
