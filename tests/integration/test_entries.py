"""The clock's entries, on a real Valkey: one per due seed, never moved, never malformed for long."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import redis
import time_machine
from django.conf import settings
from django.utils import timezone
from redbeat.schedulers import RedBeatSchedulerEntry, get_redis

from catalog.models import Heartbeat, Seed
from scheduler import redis_server
from scheduler.app import app
from scheduler.clock import entries
from scheduler.clock.beat import Entry
from scheduler.clock.reconcile import HEART, WHOLE_EVERY, keep_in_step, reconcile_entries
from tests.factories import NOW, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def clock() -> redis.Redis:
    return redis_server.client(redis_server.CLOCK)


def minutely(**values) -> Seed:
    """A seed that is due in a minute, and every minute then."""
    return make_seed(**({"interval_seconds": 60, "next_slot": NOW + timedelta(seconds=60)} | values))


def key(seed: Seed) -> str:
    return entries.key_of(seed.pk)


def scores(clock: redis.Redis) -> dict[str, float]:
    return {
        name: score
        for name, score in clock.zrange(entries.SCHEDULE, 0, -1, withscores=True)
        if ":seed:" in name
    }


def emitted(entry_key: str, now: datetime) -> bool:
    """What beat does with a due entry: ask whether it is due and write it back as sent."""
    with time_machine.travel(now, tick=False):
        entry = Entry.from_key(entry_key, app=app)
        due = entry.is_due().is_due
        if due:
            next(entry)
    return due


def test_an_entry_is_due_at_its_slot_once_and_never_again(clock: redis.Redis):
    seed = minutely()
    assert entries.put(seed.pk, seed.next_slot)
    assert scores(clock) == {key(seed): (NOW + timedelta(seconds=60)).timestamp()}
    assert not emitted(key(seed), NOW + timedelta(seconds=59))
    assert emitted(key(seed), NOW + timedelta(seconds=60))
    assert scores(clock) == {key(seed): -1}
    for late in (1, 60, 86400, 10 * 366 * 86400):
        assert not emitted(key(seed), NOW + timedelta(seconds=60 + late))


def test_an_entry_overdue_after_a_downtime_is_sent_at_once():
    seed = minutely()
    entries.put(seed.pk, seed.next_slot)
    assert emitted(key(seed), NOW + timedelta(days=400))


def test_an_entry_carries_the_seed_and_the_slot():
    seed = minutely()
    entries.put(seed.pk, seed.next_slot)
    entry = RedBeatSchedulerEntry.from_key(key(seed), app=app)
    assert (entry.task, entry.args) == ("open_slot", [seed.pk, "2026-03-10T12:01:00+00:00"])
    assert entry.options == {"queue": "control", "priority": 0}


def test_the_next_slot_replaces_the_sent_one(clock: redis.Redis):
    seed = minutely()
    entries.put(seed.pk, seed.next_slot)
    emitted(key(seed), NOW + timedelta(seconds=61))
    entries.put(seed.pk, NOW + timedelta(seconds=120))
    assert scores(clock) == {key(seed): (NOW + timedelta(seconds=120)).timestamp()}
    assert not emitted(key(seed), NOW + timedelta(seconds=119))
    assert emitted(key(seed), NOW + timedelta(seconds=120))


def test_no_slot_means_no_entry(clock: redis.Redis):
    seed = minutely()
    entries.put(seed.pk, seed.next_slot)
    entries.put(seed.pk, None)
    assert clock.keys("*:seed:*") == []
    assert scores(clock) == {}


def test_saving_disabling_and_deleting_tell_the_clock_on_commit(
    clock: redis.Redis, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        seed = minutely()
        other = minutely()
        assert scores(clock) == {}
    assert set(scores(clock)) == {key(seed), key(other)}
    with django_capture_on_commit_callbacks(execute=True):
        seed.enabled = False
        seed.save()
        other_key = key(other)
        other.delete()
    assert other_key not in scores(clock)
    assert scores(clock) == {}


def test_a_reconcile_writes_what_is_missing_and_then_nothing(clock: redis.Redis):
    seeds = [minutely() for _ in range(3)]
    minutely(enabled=False)
    first = reconcile_entries()
    assert set(first.written) >= {key(seed) for seed in seeds}
    before = {name: clock.hgetall(name) for name in clock.keys("redbeat:seed:*")}
    assert set(before) == {key(seed) for seed in seeds}
    assert not reconcile_entries()
    assert before == {name: clock.hgetall(name) for name in clock.keys("redbeat:seed:*")}


def test_due_times_survive_a_flush_unmoved(clock: redis.Redis):
    minutely()
    minutely(next_slot=NOW + timedelta(seconds=90))
    reconcile_entries()
    before = scores(clock)
    clock.flushall()
    reconcile_entries()
    assert scores(clock) == before


def test_a_sent_entry_is_left_alone_until_its_slot_is_opened(clock: redis.Redis):
    seed = minutely(next_slot=NOW)
    reconcile_entries()
    emitted(key(seed), NOW + timedelta(seconds=1))
    assert not reconcile_entries()
    assert scores(clock) == {key(seed): -1}


def test_an_entry_marked_as_sent_before_its_time_is_written_anew(clock: redis.Redis):
    seed = minutely(next_slot=datetime(2126, 3, 1, tzinfo=UTC))
    reconcile_entries()
    clock.zadd(entries.SCHEDULE, {key(seed): -1})
    assert reconcile_entries().written == [key(seed)]
    assert scores(clock) == {key(seed): seed.next_slot.timestamp()}


def test_orphans_of_every_shape_are_removed(clock: redis.Redis):
    entries.put(999, NOW)
    clock.hset("redbeat:seed:998", "definition", entries.definition(998, NOW))
    clock.zadd(entries.SCHEDULE, {"redbeat:seed:997": 5})
    done = reconcile_entries()
    assert done.removed == ["redbeat:seed:997", "redbeat:seed:998", "redbeat:seed:999"]
    assert clock.keys("*:seed:*") == []
    assert scores(clock) == {}


MALFORMED = [
    b"{not json",
    b"[]",
    b'{"name": "x"}',
    b'{"schedule": 5}',
    json.dumps({"name": "other", "task": "t", "schedule": 5}).encode(),
    json.dumps({"name": "x", "task": "t", "schedule": {"__type__": "crontab", "minute": "99"}}).encode(),
]


@pytest.mark.parametrize("poison", MALFORMED)
def test_malformed_entries_are_removed_reported_and_written_anew_if_wanted(clock: redis.Redis, poison: bytes):
    seed = minutely()
    reconcile_entries()
    for name in (key(seed), "redbeat:someone", "redbeat:heartbeat"):
        clock.hset(name, mapping={"definition": poison, "meta": "{}"})
        clock.zadd(entries.SCHEDULE, {name: 1})
    done = reconcile_entries()
    assert done.broken == sorted([key(seed), "redbeat:someone", "redbeat:heartbeat"])
    assert sorted(done.written) == ["redbeat:heartbeat", key(seed)]
    assert scores(clock) == {key(seed): seed.next_slot.timestamp()}
    assert not clock.exists("redbeat:someone")
    assert not reconcile_entries()
    assert Heartbeat.objects.get(name="reconcile").info["broken"] == done.broken


def test_entries_that_vanish_while_they_are_read_are_no_malformed_ones(clock: redis.Redis, monkeypatch):
    seed = minutely()
    reconcile_entries()
    keys = ["redbeat:heartbeat", "redbeat:reconcile", key(seed)]
    real = entries._StoredEntries.__init__

    def emptied(self, scores, names):
        names = list(names)
        clock.flushdb()
        real(self, scores, names)

    with monkeypatch.context() as patch:
        patch.setattr(entries._StoredEntries, "__init__", emptied)
        done = reconcile_entries()
    assert done.broken == []
    assert set(keys) <= set(done.written)
    assert all(clock.exists(name) for name in keys)
    assert not reconcile_entries()


def test_what_beat_writes_back_into_an_emptied_redis_is_no_malformed_entry(clock: redis.Redis):
    reconcile_entries()
    clock.flushdb()
    clock.hset("redbeat:heartbeat", "meta", "{}")
    clock.zadd(entries.SCHEDULE, {"redbeat:heartbeat": 1})
    done = reconcile_entries()
    assert done.broken == []
    assert "redbeat:heartbeat" in done.written
    assert RedBeatSchedulerEntry.from_key("redbeat:heartbeat", app=app).task == "heartbeat"


def test_a_key_of_another_type_counts_as_malformed(clock: redis.Redis):
    clock.set("redbeat:someone", "else")
    assert reconcile_entries().broken == ["redbeat:someone"]


@pytest.mark.parametrize("poison", MALFORMED)
def test_beat_removes_a_malformed_entry_instead_of_dying(clock: redis.Redis, poison: bytes):
    clock.hset("redbeat:poison", mapping={"definition": poison, "meta": "{}"})
    with pytest.raises(KeyError):  # RedBeat's own sign to take it off its list
        Entry.from_key("redbeat:poison", app=app)
    assert not clock.exists("redbeat:poison")
    assert reconcile_entries().broken == ["redbeat:poison"]
    assert reconcile_entries().broken == []
    assert Heartbeat.objects.get(name="reconcile").info["broken"] == ["redbeat:poison"]


def test_own_entries_of_beat_are_restored():
    reconcile_entries()
    get_redis(app).zrem(entries.SCHEDULE, "redbeat:sweep")
    get_redis(app).delete("redbeat:heartbeat")
    assert sorted(reconcile_entries().written) == ["redbeat:heartbeat", "redbeat:sweep"]
    assert RedBeatSchedulerEntry.from_key("redbeat:sweep", app=app).task == "sweep"


def test_saving_a_seed_while_redis_is_away_neither_fails_nor_waits(
    monkeypatch: pytest.MonkeyPatch, tmp_path, caplog, django_capture_on_commit_callbacks
):
    nowhere = redis.Redis.from_url(f"unix://{tmp_path}/nothing.sock")
    monkeypatch.setattr(redis_server, "client", lambda database: nowhere)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(50):
            minutely()
    assert caplog.text.count("Redis is away") == 1


def test_entries_that_are_in_step_are_compared_by_their_scores_alone(clock: redis.Redis):
    seed = minutely(next_slot=timezone.now() + timedelta(hours=1))
    keep_in_step()
    assert clock.exists(key(seed))
    clock.hset(key(seed), "meta", "not JSON")
    keep_in_step()
    assert clock.hget(key(seed), "meta") == "not JSON"
    assert reconcile_entries().broken == [key(seed)]


def gone(clock: redis.Redis, seed: Seed) -> None:
    clock.zrem(entries.SCHEDULE, key(seed))


def moved(clock: redis.Redis, seed: Seed) -> None:
    clock.zadd(entries.SCHEDULE, {key(seed): 1.0})


def sent_early(clock: redis.Redis, seed: Seed) -> None:
    clock.zadd(entries.SCHEDULE, {key(seed): -1.0})


def an_orphan(clock: redis.Redis, seed: Seed) -> None:
    clock.zadd(entries.SCHEDULE, {entries.key_of(seed.pk + 1): 1.0})


def a_lost_own(clock: redis.Redis, seed: Seed) -> None:
    clock.zrem(entries.SCHEDULE, "redbeat:sweep")


def a_report_of_beat(clock: redis.Redis, seed: Seed) -> None:
    clock.sadd(entries.BROKEN, "redbeat:poison")


def all_of_it(clock: redis.Redis, seed: Seed) -> None:
    clock.flushall()


@pytest.mark.parametrize(
    "fault", [gone, moved, sent_early, an_orphan, a_lost_own, a_report_of_beat, all_of_it]
)
def test_what_is_out_of_step_by_its_score_is_mended_at_once(clock: redis.Redis, fault):
    seed = minutely(next_slot=timezone.now() + timedelta(hours=1))
    keep_in_step()
    right = set(clock.zrange(entries.SCHEDULE, 0, -1))
    fault(clock, seed)
    keep_in_step()
    assert set(clock.zrange(entries.SCHEDULE, 0, -1)) == right
    assert scores(clock) == {key(seed): seed.next_slot.timestamp()}
    assert not clock.exists(entries.BROKEN)


def test_all_is_compared_again_after_a_while(clock: redis.Redis):
    seed = minutely(next_slot=timezone.now() + timedelta(hours=1))
    keep_in_step()
    clock.hset(key(seed), "definition", "{}")
    while_ago = timezone.now() - timedelta(seconds=settings.RECONCILE_SECONDS * WHOLE_EVERY)
    Heartbeat.objects.filter(name=HEART).update(info={"whole_at": while_ago.isoformat()})
    keep_in_step()
    assert clock.hget(key(seed), "definition") == entries.definition(seed.pk, seed.next_slot)
