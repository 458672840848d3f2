"""A fleet at work: ``python -m benchmarks.fleet.work ORDER.json`` (see ``benchmarks.fleet.fleet_order``)."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.fleet.fleet_order import Order, Outcome, Seeding, Workers
from benchmarks.kit.bench_worker import with_keeper
from benchmarks.kit.site import FIELDS
from catalog.clock import db_now
from catalog.models import Batch, Run, Seed
from crawler.lanes import Lane
from embedded.keeper import Keeper, give_back_work
from embedded.services import THREADS, worker
from embedded.supervisor import Service
from pipelines.runs import create_run
from pipelines.runs.opening import open_runs
from scheduler.queues import CONTROL, Stage, queue_name
from scheduler.redis_server import BROKER, client
from scheduler.sweeps import sweep
from scheduler.wakeups import wake

SWEEP_EVERY = 3.0
CHECK_EVERY = 0.1


def _crawl(order: Order, keeper: Keeper) -> Outcome:
    outcome = Outcome()
    run_ids = [run.pk for run in _make_runs(order.seeding)]
    hosts = open_runs(run_ids, db_now())
    waited_for = Run.objects.open().filter(pk__in=run_ids[: order.wait_for or None])
    sent_before = _messages_sent()
    keeper.start(workers_of(order.workers))
    wake(hosts)
    if order.then:
        _work(keeper, _all_fetched)
        _replace(keeper, order.then)
        outcome.parse_seconds = _time_parsing(keeper)
    else:
        _work(keeper, lambda: not waited_for.exists())
    outcome.discovered = sum(Run.objects.values_list("discovered", flat=True))
    outcome.stored = sum(Run.objects.values_list("stored", flat=True))
    outcome.batches = Batch.objects.count()
    outcome.messages = _messages_sent() - sent_before
    return outcome


def _make_runs(seeding: Sequence[Seeding]) -> list[Run]:
    fields = [{"name": name, "css": css} for name, css in FIELDS.items()]
    seeds = [
        Seed(
            name=f"seed {number}",
            start_urls="\n".join(spec.start_urls),
            scope=spec.scope,
            schedule=Seed.Schedule.MANUAL,
            delay=spec.delay,
            per_host=spec.per_host,
            allow_networks="127.0.0.0/8",
            fields=fields,
        )
        for number, spec in enumerate(seeding)
    ]
    now = db_now()
    runs = [create_run(seed, Run.Kind.SCHEDULED, now, now) for seed in Seed.objects.bulk_create(seeds)]
    return [run for run in runs if run is not None]


def _work(keeper: Keeper, done: Callable[[], bool]) -> None:
    """Keep the workers alive, and sweep as the clock would, until it is done."""
    sweep_at = time.monotonic() + SWEEP_EVERY
    while not done():
        keeper.wait(CHECK_EVERY)
        if time.monotonic() >= sweep_at:
            sweep(db_now())
            sweep_at = time.monotonic() + SWEEP_EVERY


def _all_fetched() -> bool:
    fetched = sum(Batch.objects.values_list("visits_count", flat=True))
    return fetched >= sum(Run.objects.values_list("discovered", flat=True))


def _replace(keeper: Keeper, workers: Sequence[Workers]) -> None:
    """Stop the running workers, and start others."""
    names = [name for name in keeper.supervisor.children if name.startswith("worker-")]
    for name in names:
        child = keeper.supervisor.children.pop(name)
        if child.process is not None:
            os.kill(child.process.pid, signal.SIGTERM)
        while child.alive:
            time.sleep(CHECK_EVERY)
    keeper.start(workers_of(workers))


def _time_parsing(keeper: Keeper) -> float:
    """Seconds for parsing all batches, estimated without the first ones: the workers start meanwhile."""
    total = Batch.objects.count()
    parsed = Batch.objects.exclude(state=Batch.State.FETCHED)
    _work(keeper, lambda: parsed.exists())
    began, first = time.monotonic(), parsed.count()
    _work(keeper, lambda: parsed.count() == total)
    return (time.monotonic() - began) / max(total - first, 1) * total


def workers_of(workers: Sequence[Workers]) -> list[Service]:
    """The processes of these workers."""
    return [_service(kind, number) for kind in workers for number in range(kind.count)]


def _service(kind: Workers, number: int) -> Service:
    name = f"worker-{kind.name}-{number}"
    parses = kind.stages == ("parse",)
    size = kind.concurrency or (os.cpu_count() or 1 if parses else THREADS)
    queues = [CONTROL] if "control" in kind.stages else []
    queues += [queue_name(Stage(stage), lane) for stage in kind.stages if stage != "control" for lane in Lane]
    pool = "prefork" if parses else "threads"
    return worker(name, queues, pool, size, give_back_work)


def _messages_sent() -> int:
    """Messages sent so far: kombu sends with LPUSH, which nothing else uses."""
    stats = client(BROKER).info("commandstats")
    return int(stats.get("cmdstat_lpush", {}).get("calls", 0))


if __name__ == "__main__":
    with_keeper(Path(sys.argv[1]), Order, _crawl)
