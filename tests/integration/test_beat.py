"""Beat's scheduler on a real Valkey: bounded ticks, and a lock that may be lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis
from django.db import connections
from django.utils import timezone
from redis.exceptions import LockNotOwnedError

from scheduler import redis_server, tasks
from scheduler.app import app
from scheduler.clock import beat, entries
from tests.factories import make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def clock() -> redis.Redis:
    return redis_server.client(redis_server.CLOCK)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the entries that were sent, in order; none goes to the broker."""
    names: list[str] = []
    monkeypatch.setattr(
        tasks.open_slot, "apply_async", lambda args, *more, **options: names.append(str(args[0]))
    )
    monkeypatch.setitem(app.conf, "beat_schedule", {})
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's own connection
    return names


@pytest.fixture
def scheduler(sent: list[str]) -> beat.Scheduler:
    """A scheduler that holds the lock, for longer than a busy machine takes to fill the list."""
    made = beat.Scheduler(app, lazy=True)
    made.lock_timeout = 600
    made.setup_schedule()
    made._await_lock()
    return made


def put(count: int, late_seconds: float = 60) -> None:
    slot = timezone.now() - timedelta(seconds=late_seconds)
    entries.put_all({number: slot + timedelta(milliseconds=number) for number in range(1, count + 1)})


def test_a_tick_sends_a_bounded_number_of_entries_and_comes_again_at_once(scheduler, sent: list[str]):
    put(250)
    waits = [scheduler.tick() for _ in range(4)]
    assert waits[:2] == [0, 0]
    assert waits[2] > 0
    assert sent == [str(number) for number in range(1, 251)]


def test_seeds_due_at_the_same_moment_take_one_message_a_tick(scheduler, sent: list[str], clock):
    slot = timezone.now().replace(microsecond=0) - timedelta(seconds=5)
    entries.put_all(dict.fromkeys(range(1, 251), slot))
    entries.put(300, slot + timedelta(seconds=1))
    while scheduler.tick() == 0:
        pass
    assert len(sent) == 4
    assert "300" in sent
    left = clock.zrangebyscore(entries.SCHEDULE, 0, "+inf")
    assert not [key for key in left if key.startswith(entries.SEEDS)]  # every entry counts as sent


def test_ten_thousand_due_entries_never_make_a_tick_outlive_its_lock(
    scheduler, sent: list[str], clock, monkeypatch
):
    """Beat loads and sends the same number whatever is due, with the lock renewed before each hundred."""
    put(10_000)
    loaded = []
    monkeypatch.setattr(
        scheduler, "_load", lambda keys: loaded.append(len(keys)) or beat.Scheduler._load(scheduler, keys)
    )
    renewals = []
    extend = scheduler.lock.extend
    monkeypatch.setattr(
        scheduler.lock, "extend", lambda seconds: renewals.append(len(sent)) or extend(seconds)
    )
    for _ in range(5):
        assert scheduler.tick() == 0
    assert max(loaded) <= beat.AT_ONCE + 1
    assert renewals == [0, 100, 200, 300, 400]
    entries.put_all(
        {number: timezone.now() + timedelta(hours=1) for number in range(1, 10_001)}
    )  # all opened
    assert scheduler.tick() > 0
    assert len(sent) == 500


def test_entries_that_are_listed_and_not_due_do_not_hide_the_others(scheduler, sent: list[str], clock):
    later = timezone.now() + timedelta(hours=1)
    entries.put_all(dict.fromkeys(range(1, 151), later))
    for number in range(1, 151):
        clock.zadd(entries.SCHEDULE, {entries.key_of(number): number})
    entries.put(999, timezone.now() - timedelta(seconds=1))
    assert [scheduler.tick() for _ in range(2)][0] == 0
    assert sent == ["999"]


def test_a_lost_lock_is_waited_for_again_and_the_entries_are_rebuilt(scheduler, sent: list[str], clock):
    seed = make_seed(interval_seconds=60, next_slot=timezone.now() + timedelta(seconds=50))
    clock.flushall()
    lost = scheduler.lock
    assert scheduler.tick() == 0
    assert scheduler.lock is not lost
    with pytest.raises(LockNotOwnedError):
        lost.release()
    assert clock.zscore(entries.SCHEDULE, entries.key_of(seed.pk)) == seed.next_slot.timestamp()
    assert clock.exists("redbeat:celery.backend_cleanup")
    assert not clock.exists(entries.BROKEN)


def test_a_lock_that_could_not_be_had_at_the_start_is_asked_for_later(scheduler, clock):
    scheduler.lock.release()
    scheduler.lock = None  # what Celery leaves when its start-up signal fails
    scheduler.tick()
    assert scheduler.lock.owned()
