"""Sweeps: they do what a lost message, a dead process or an outage left undone."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from catalog.models import Batch, Outlet, Run
from crawler.lanes import Lane, ranks_of
from pipelines import promises, runs, shipping
from pipelines.changes.gone import runs_to_compare
from pipelines.export import exports_to_make
from pipelines.forecasts.work import forecasts_to_do
from pipelines.frontier import hosts
from pipelines.prune import seeds_wait
from pipelines.rereading import rereadings_to_do, rereadings_to_read
from pipelines.runs.standstill import standstill
from pipelines.search.indexing import is_behind
from pipelines.shipping import Step
from pipelines.telling import second_looks
from pipelines.telling.second_contents import looks_to_compare
from scheduler import dispatch
from scheduler.chains import NEXT_STAGES, publish
from scheduler.clock.decisions import WAITING
from scheduler.isolation import run_isolated
from scheduler.opening import open_all, open_slots, open_waiting
from scheduler.process import shipping as shipping_workers
from scheduler.process import telling
from scheduler.queues import CONTROL, TELLING, Stage, depth, depths, forget_held, queue_name
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


def ask_forecasts(now: datetime) -> None:
    """Forecasts that are due and that no worker goes on with, although nothing waits on their queue."""
    if (waiting := forecasts_to_do(now)) and not depth(queue_name(Stage.FETCH, Lane.URGENT)):
        for forecast_id in waiting:
            dispatch.go_on_forecasting(forecast_id)


def ask_prune(now: datetime) -> None:
    """Deleted seeds whose rows no worker deletes although nothing waits on the control queue."""
    if seeds_wait(now) and not depth(CONTROL):
        dispatch.prune()


def ask_index(now: datetime) -> None:
    """Changes that are not in the index of words, while nothing waits on the control queue."""
    if is_behind(now) and not depth(CONTROL):
        dispatch.index_pages()


def ask_deliveries(now: datetime) -> None:
    """Channels that have something to send: messages to be tried again, and what lost its hint."""
    if depth(TELLING) < telling.MANY:
        telling.ask_due(now)


def ship(now: datetime) -> None:
    """What outlets are to send: their time has come, or a message was lost; and what is to be done for it."""
    if Outlet.objects.exists():  # most installations have none, and sweeps are many
        shipping.order_due(now)
        shipping.order_owed(now)
        _ask_shipments(now)


def _ask_shipments(now: datetime) -> None:
    """Shipments to be made or sent, or tried again, although nothing waits on the queue of their work."""
    work = shipping.work_to_do(now)
    makes, sends = (work and not depth(CONTROL)), (work and depth(TELLING) < telling.MANY)
    for each in work:
        if makes if each.step == Step.MAKE else sends:
            shipping_workers.ask(each)


def compare_runs(now: datetime) -> None:
    """Runs that have finished and that nobody looked at, although nothing waits on the control queue."""
    if (run_ids := runs_to_compare()) and not depth(CONTROL):
        dispatch.compare_runs(run_ids)


def settle_second_looks(now: datetime) -> None:
    """Events whose pages were looked at again since, or cannot be."""
    second_looks.settle_second_looks(now)
    if looks_to_compare().exists() and not depth(CONTROL):
        dispatch.compare_contents()


def settle_events(now: datetime) -> None:
    """Events that no alert has looked at: what wrote them could not say so, or its message was lost."""
    telling.ask_settling()


def ask_second_looks(now: datetime) -> None:
    """Second looks that have come due: within a sweep of their time, or after everything was paused."""
    if standstill() is None:
        wake(second_looks.ask_second_looks(now))


def check_promises(now: datetime) -> None:
    """Promises about data whose deadline has come."""
    promises.check_due(now)


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
    ask_rereadings, ask_forecasts, ask_prune, compare_runs, check_promises, settle_second_looks,
    settle_events, ask_second_looks, ask_deliveries, ship, ask_index, free_leases,
    wake_hosts, forget_messages,
]  # fmt: skip
