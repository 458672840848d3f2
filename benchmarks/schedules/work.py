"""The work of the schedules bench: ``python -m benchmarks.schedules.work ORDER.json``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.fleet.fleet_order import Workers
from benchmarks.fleet.work import workers_of
from benchmarks.kit.bench_worker import with_keeper
from benchmarks.kit.measured_command import BenchError
from benchmarks.schedules.bench import Order, Outcome, Round
from catalog.models import Heartbeat, Run, Seed
from embedded import services
from embedded.keeper import Keeper, free_beat_lock
from scheduler.app import app
from scheduler.clock import entries, slots
from scheduler.clock.beat import Scheduler
from scheduler.clock.reconcile import reconcile_entries
from scheduler.process import heartbeats
from scheduler.redis_server import CLOCK, client

CONTROL = Workers("control", ("control",))  # opens runs; nothing is fetched here
LEAD = timedelta(seconds=3)  # from writing the entries to the due time
CHECK_EVERY = 0.02
PATIENCE = 180.0
TICKS = 20


def _work(order: Order, keeper: Keeper) -> Outcome:
    pks = _make_seeds(order.seeds)
    outcome = Outcome()
    before = client(CLOCK).info("memory")["used_memory"]
    reconcile_entries()
    outcome.entry_bytes = (client(CLOCK).info("memory")["used_memory"] - before) / order.seeds
    outcome.reconcile = min(_time_reconcile() for _ in range(3))
    outcome.longest_tick = _longest_tick(pks)
    reconcile_entries()
    keeper.start([*workers_of((CONTROL,)), services.beat(free_beat_lock)])
    _until(keeper, lambda: Heartbeat.objects.filter(name=heartbeats.BEAT).exists())
    for number in range(order.rounds):
        first = number * order.due % max(1, order.seeds - order.due)
        outcome.rounds.append(_round(keeper, pks[first : first + order.due]))
    return outcome


def _make_seeds(count: int) -> list[int]:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    seeds = [
        Seed(
            name=f"seed {number}",
            start_urls=f"http://host-{number}.example.org/",
            interval_seconds=86400,
            next_slot=later,
        )
        for number in range(count)
    ]
    for seed in seeds:
        seed.slot_rule = slots.rule_of(seed)
    return [seed.pk for seed in Seed.objects.bulk_create(seeds)]


def _time_reconcile() -> float:
    began = time.process_time()
    reconcile_entries()
    return time.process_time() - began


def _longest_tick(pks: list[int]) -> float:
    """Seconds of beat's longest tick while every entry is due. No worker takes the messages."""
    entries.put_all(dict.fromkeys(pks, datetime.now(UTC) - timedelta(minutes=1)))
    scheduler = Scheduler(app)
    scheduler._await_lock()
    longest = 0.0
    for _ in range(TICKS):
        began = time.perf_counter()
        scheduler.tick()
        longest = max(longest, time.perf_counter() - began)
    scheduler.close()
    client(CLOCK).flushall()
    return longest


def _round(keeper: Keeper, pks: list[int]) -> Round:
    """Make these seeds due at the same time, and watch from outside when their runs are open."""
    slot = datetime.now(UTC).replace(microsecond=0) + LEAD
    Seed.objects.filter(pk__in=pks).update(next_slot=slot)
    entries.put_all(dict.fromkeys(pks, slot))
    opened = Run.objects.filter(slot=slot, state=Run.State.OPEN)
    late: list[float] = []

    def all_open() -> bool:
        count = opened.count()
        late.extend([time.time() - slot.timestamp()] * (count - len(late)))
        return count == len(pks)

    _until(keeper, all_open)
    return Round(late[len(late) // 2], late[len(late) * 99 // 100], late[-1])


def _until(keeper: Keeper, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise BenchError(f"that took more than {PATIENCE:g} s")
        keeper.wait(CHECK_EVERY)


if __name__ == "__main__":
    with_keeper(Path(sys.argv[1]), Order, _work)
