"""The clock as real processes: two beats, a worker, a Redis that is emptied. Every slot has its one row.

At a tenth of the real lengths: a lock of 3 s instead of 30, a loop of 0.5 s instead of 5. With these the
standby takes over within 3.5 s of a death: 35 s in earnest, 65 s promised.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import redis
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from catalog.models import Heartbeat, Run, Seed
from djsite.desk.health import report
from scheduler import redis_server
from scheduler.clock import entries
from scheduler.process import heartbeats
from scheduler.queues import CONTROL, QUEUE_NAMES
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.environment import overridden
from tests.harness.processes import Process, Processes
from tests.harness.waiting import wait_until

THREADS = ("-P", "threads", "-c", "4")
SECOND = timedelta(seconds=1)


def every_second(name: str) -> Seed:
    """A seed whose slots are all opened, late or not: a slot that is lost shows."""
    return Seed.objects.create(
        name=name, start_urls="http://127.0.0.1:9/", interval_seconds=1, overlap="both", catch_up="all",
        catch_up_limit=100, next_slot=timezone.now().replace(microsecond=0),
    )  # fmt: skip


def far_away(number: int) -> Seed:
    slot = timezone.now().replace(microsecond=0) + timedelta(hours=1, seconds=number)
    return Seed.objects.create(
        name=f"far {number}", start_urls="http://127.0.0.1:9/", interval_seconds=86400, next_slot=slot
    )


@pytest.fixture
def control(processes: Processes) -> Process:
    """A worker that opens runs and fetches nothing."""
    return processes.worker("control", CONTROL, *THREADS)


@pytest.fixture
def seeds() -> list[Seed]:
    return [every_second(f"seed {number}") for number in range(3)]


@pytest.fixture
def beats(control: Process, seeds: list[Seed], processes: Processes) -> tuple[Process, Process]:
    """The leader and a standby."""
    leader = processes.beat()
    leader.wait_for_output("Acquired lock")
    standby = processes.beat()
    standby.wait_for_output("Starting")
    wait_until(lambda: Run.objects.exists(), 60, what="a slot is opened")
    return leader, standby


@pytest.fixture(autouse=True)
def _end_of_slots() -> Iterator[None]:
    yield
    connection.close()


def newest() -> datetime:
    found: datetime = Run.objects.aggregate(newest=Max("slot"))["newest"]
    return found


def go_on(seconds: int) -> None:
    """Wait until this many further slots of every seed have been opened."""
    goal = newest() + seconds * SECOND
    seeds = Seed.objects.filter(overlap="both").count()
    wait_until(
        lambda: Run.objects.filter(slot=goal).exclude(state=Run.State.DUE).count() == seeds,
        60,
        what="slots are opened",
    )


def must_be_complete(seeds: list[Seed]) -> None:
    """Each second of each seed has its one row, and was opened."""
    for seed in seeds:
        slots = list(seed.runs.order_by("slot").values_list("slot", flat=True))
        assert slots[0] == seed.next_slot
        assert {later - slot for slot, later in zip(slots, slots[1:], strict=False)} == {SECOND}
    assert set(Run.objects.values_list("state", "kind")) <= {("open", "scheduled"), ("due", "scheduled")}


def scores(clock: redis.Redis) -> dict[str, float]:
    found = clock.zrange(entries.SCHEDULE, 0, -1, withscores=True)
    far = {entries.key_of(pk) for pk in Seed.objects.filter(overlap="skip").values_list("pk", flat=True)}
    return {key: score for key, score in found if key in far}


def test_a_standby_takes_over_when_the_leader_is_killed(beats: tuple[Process, Process], seeds: list[Seed]):
    leader, standby = beats
    go_on(2)
    assert "Acquired lock" not in standby.output()
    leader.kill()
    standby.wait_for_output("Acquired lock", 30)
    go_on(3)
    must_be_complete(seeds)
    heart = Heartbeat.objects.get(name=heartbeats.BEAT)
    wait_until(lambda: _seen(heart.name) > heart.seen_at, 30, what="the new leader's sign of life")


def _seen(name: str) -> datetime:
    return Heartbeat.objects.get(name=name).seen_at


def test_a_leader_paused_for_longer_than_its_lock_comes_back_as_a_standby(
    beats: tuple[Process, Process], seeds: list[Seed]
):
    leader, standby = beats
    leader.send(signal.SIGSTOP)
    try:
        standby.wait_for_output("Acquired lock", 30)
        go_on(2)
    finally:
        leader.send(signal.SIGCONT)
    leader.wait_for_output("waits for it like a standby", 30)
    go_on(2)
    assert leader.alive and standby.alive
    must_be_complete(seeds)


def test_an_emptied_redis_is_filled_again_and_no_due_time_moves(
    beats: tuple[Process, Process], seeds: list[Seed], valkey: redis.Redis
):
    far = [far_away(number) for number in range(50)]
    clock = redis_server.client(redis_server.CLOCK)
    wait_until(lambda: len(scores(clock)) == len(far), 30, what="the entries")
    before = scores(clock)
    for _ in range(2):
        valkey.flushall()
        wait_until(lambda: scores(clock) == before, 30, what="the same entries")
        go_on(2)
    assert set(before.values()) == {seed.next_slot.timestamp() for seed in far}
    assert all(beat.alive for beat in beats)
    must_be_complete(seeds)


def test_entries_come_back_without_beat(control: Process, valkey: redis.Redis):
    far = [far_away(number) for number in range(5)]
    clock = redis_server.client(redis_server.CLOCK)
    valkey.flushall()
    wait_until(lambda: len(scores(clock)) == len(far), 30, what="a worker writes the entries")


def test_a_malformed_entry_is_removed_and_reported_and_beat_lives(
    beats: tuple[Process, Process], seeds: list[Seed]
):
    clock = redis_server.client(redis_server.CLOCK)
    poisons = {"redbeat:poison": "{not json", entries.key_of(seeds[0].pk): '{"schedule": 5}'}
    for key, poison in poisons.items():
        clock.hset(key, "definition", poison)
        clock.zadd(entries.SCHEDULE, {key: 1})
    wait_until(lambda: not clock.exists("redbeat:poison"), 30, what="the poison is removed")
    go_on(2)
    wait_until(lambda: "malformed" in str(report(timezone.now())["problems"]), 30, what="the report")
    assert all(beat.alive for beat in beats)
    must_be_complete(seeds)


def test_a_slot_that_waits_is_opened_by_the_end_of_the_earlier_run(processes: Processes):
    with FakeWeb(linked_site(pages=12)) as web:
        no_sweep = overridden(SWEEP_SECONDS=600)  # what opens it is not the sweep
        processes.worker("all", ",".join(QUEUE_NAMES), *THREADS, **no_sweep)
        processes.beat(**no_sweep)
        seed = Seed.objects.create(
            name="site", start_urls=f"{web.url}/", interval_seconds=1, overlap="queue", delay=0.2,
            allow_networks="127.0.0.0/8",
        )  # fmt: skip
        waited = seed.runs.filter(reason="waited", state=Run.State.FINISHED)
        wait_until(lambda: waited.count() >= 2, 90, what="two runs that waited have finished")
    live = Run.objects.filter(seed=seed, state=Run.State.OPEN)
    assert live.count() <= 1
    reasons = set(seed.runs.values_list("state", "reason"))
    assert reasons <= {
        ("finished", ""), ("finished", "waited"), ("open", "waited"), ("due", "waiting"), ("due", "waited"),
        ("skipped", "one_waits"), ("missed", "downtime"), ("open", ""),
    }  # fmt: skip
    assert ("skipped", "one_waits") in reasons
    slots = list(seed.runs.order_by("slot").values_list("slot", flat=True))
    assert {later - slot for slot, later in zip(slots, slots[1:], strict=False)} == {SECOND}
