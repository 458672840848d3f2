"""Sweeps: they do what a lost message, a dead process or an outage left undone."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from catalog.models import Batch, Run
from crawler.lanes import Lane, ranks_of
from pipelines import runs
from pipelines.changes.gone import runs_to_compare
from pipelines.export import exports_to_make
from pipelines.frontier import hosts
from pipelines.prune import seeds_wait
from pipelines.rereading import rereadings_to_do, rereadings_to_read
from scheduler import dispatch
from scheduler.chains import NEXT_STAGES, publish
from scheduler.clock.decisions import WAITING
from scheduler.isolation import run_isolated
from scheduler.opening import open_all, open_slots, open_waiting
from scheduler.queues import CONTROL, Stage, depth, depths, forget_held, queue_name
from scheduler.redis_server import attempt
from scheduler.wakeups import wake
from scheduler.watch import counters

logger = logging.getLogger(__name__)

STARVED_AT_ONCE = 2  # batches of a queue that a sweep lets pass the better lanes
MANY = 500  # rows of one kind that a sweep takes care of; the next sweep takes the others


def sweep(now: datetime) -> None:
    """Every step below; a step that fails stops no other."""
    for step in STEPS:
        run_isolated(partial(step, now), f"sweep: {step.__name__}")


def close_runs(now: datetime) -> None:
    """Runs whose visits have all ended, or whose time is up."""
    runs.close_runs(now)


def settle_runs(now: datetime) -> None:
    """Runs paused, resumed or stopped of which some visits are not in line yet."""
    if runs.settle_runs(now):
        wake_hosts(now)


def open_due_runs(now: datetime) -> None:
    """Due runs that were never opened: their message was lost."""
    late = now - timedelta(seconds=settings.SWEEP_SECONDS)
    due = Run.objects.filter(state=Run.State.DUE, created_at__lte=late).exclude(reason=WAITING)
    open_all(list(due.order_by("rank", "slot")[:MANY]), now)


def publish_batches(now: datetime) -> None:
    """Batches overdue in a stage whose queue is empty: no other message will come for them.

    Of batches that wait behind better lanes, the oldest go to the urgent queue, a few in each sweep.
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
    """Exports that no worker makes although nothing waits on the control queue."""
    late = now - timedelta(seconds=settings.SWEEP_SECONDS)
    lost = [export for export in exports_to_make(now) if export.created_at <= late]
    if lost and not depth(CONTROL):
        for export in lost:
            dispatch.make_export(export)


def ask_rereadings(now: datetime) -> None:
    """Rereadings that no worker goes on with although nothing waits on the queues of their work."""
    if (waiting := rereadings_to_do(now)) and not depth(CONTROL):
        for rereading_id in waiting:
            dispatch.go_on_rereading(rereading_id)
    if (unread := rereadings_to_read(now)) and not depth(queue_name(Stage.PARSE, Lane.BULK)):
        for rereading_id, workers in unread:
            for _ in range(workers):
                dispatch.reread_part(rereading_id)


def ask_prune(now: datetime) -> None:
    """Deleted seeds whose rows no worker deletes although nothing waits on the control queue."""
    if seeds_wait(now) and not depth(CONTROL):
        dispatch.prune()


def compare_runs(now: datetime) -> None:
    """Runs that have finished and that nobody looked at, although nothing waits on the control queue."""
    if (run_ids := runs_to_compare()) and not depth(CONTROL):
        dispatch.compare_runs(run_ids)


def free_leases(now: datetime) -> None:
    """Leases that ended a while ago and were not taken over: no session needed their hosts."""
    freed = hosts.free_ended(now - timedelta(seconds=settings.HOST_LEASE_SECONDS))
    if freed:
        logger.warning("freed %d hosts whose session died", freed)
        counters.count_expiries(freed)


def wake_hosts(now: datetime) -> None:
    """Hosts with due work that no session holds, also those whose lease has ended."""
    wake({lane: hosts.waiting(ranks_of(lane), MANY, now) for lane in Lane})


def forget_messages(now: datetime) -> None:
    """Messages that dead workers held: when they are as late as an overdue batch, they are of no use."""
    late = now - timedelta(seconds=settings.BATCH_DUE_SECONDS)
    attempt(lambda: forget_held(late.timestamp()))


STEPS: list[Callable[[datetime], None]] = [
    close_runs, settle_runs, open_waiting, open_due_runs, open_slots, publish_batches, ask_exports,
    ask_rereadings, ask_prune, compare_runs, free_leases, wake_hosts, forget_messages,
]  # fmt: skip
