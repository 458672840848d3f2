"""The clock was two hours ahead and is right again: what was written meanwhile is put right."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from catalog.models import Batch, Run, Seed, Visit
from scheduler import worker
from scheduler.app import app
from scheduler.clock import entries, ledger, reconcile, step_back
from scheduler.process import heartbeats
from scheduler.redis_server import CLOCK, client
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
STEP = timedelta(hours=3)
AHEAD = NOW + STEP
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _wrong_clock() -> None:
    heartbeats.beat(step_back.HEART, AHEAD)


def opened(now) -> list[Run]:
    return ledger.answer_due(now).runs


def test_a_clock_that_goes_on_changes_nothing(django_assert_num_queries):
    seed = factories.make_seed(interval_seconds=60, next_slot=AHEAD + MINUTE)
    with django_assert_num_queries(2):
        assert step_back.mend(AHEAD + MINUTE) == 0
        assert step_back.mend(AHEAD - timedelta(seconds=2)) == 0
    seed.refresh_from_db()
    assert seed.next_slot == AHEAD + MINUTE


@pytest.mark.parametrize(
    ("schedule", "next_slot"),
    [
        ({"interval_seconds": 60}, NOW + MINUTE),
        ({"interval_seconds": 86400}, NOW + timedelta(days=1)),
        ({"schedule": "cron", "cron": "*/5 * * * *"}, NOW + 5 * MINUTE),
        ({"schedule": "cron", "cron": "30 12 * * *"}, NOW + 30 * MINUTE),
    ],
)
def test_seeds_are_planned_from_the_new_now(schedule, next_slot):
    seed = factories.make_seed(**schedule)
    Seed.objects.filter(pk=seed.pk).update(created_at=NOW, next_slot=AHEAD + timedelta(days=1))
    assert step_back.mend(NOW) == 1
    seed.refresh_from_db()
    assert seed.next_slot == next_slot


def test_slots_are_opened_again_and_none_twice():
    seed = factories.make_seed(interval_seconds=60, catch_up="skip", overlap="both", next_slot=NOW)
    Seed.objects.filter(pk=seed.pk).update(created_at=NOW)
    ran = factories.make_run(seed, at=NOW + 2 * MINUTE)
    opened(AHEAD)
    step_back.mend(NOW)
    assert list(seed.runs.filter(state=Run.State.MISSED).values_list("slot", "slots")) == [(NOW, 1)]
    slots = []
    for minute in range(1, 5):
        slots += [run.slot for run in opened(NOW + minute * MINUTE)]
    assert slots == [NOW + MINUTE, NOW + 3 * MINUTE, NOW + 4 * MINUTE]
    assert seed.runs.filter(slot=ran.slot).count() == 1


def test_waiting_times_move_by_the_step_and_near_ones_stay():
    far = factories.make_host(
        "http://far.test/", rank=15, due_at=AHEAD, next_request_at=AHEAD + 30 * MINUTE,
        open_until=AHEAD + MINUTE, lease_owner="w@gone", lease_token="t", lease_until=AHEAD + MINUTE,
    )  # fmt: skip
    near = factories.make_host("http://near.test/", rank=15, due_at=NOW + MINUTE / 2, next_request_at=NOW)
    batch = factories.make_batch(due_at=AHEAD + 5 * MINUTE)
    run = factories.make_run(factories.make_seed(), Run.State.OPEN)
    visit = Visit.objects.create(
        run=run, host=far, url="http://far.test/", fingerprint=1, rank=15, due_at=AHEAD + 4 * MINUTE
    )
    step_back.mend(NOW)
    far.refresh_from_db()
    assert (far.due_at, far.next_request_at) == (NOW + MINUTE, NOW + 30 * MINUTE)
    assert far.lease_until == far.open_until == NOW + MINUTE
    near.refresh_from_db()
    assert (near.due_at, near.next_request_at) == (NOW + MINUTE / 2, NOW)
    assert Batch.objects.get(pk=batch.pk).due_at == NOW + 5 * MINUTE
    assert Visit.objects.get(pk=visit.pk).due_at == NOW + 4 * MINUTE


def test_beats_own_entries_tick_again(valkey: redis.Redis, monkeypatch):
    now = timezone.now()
    reconcile.reconcile_entries()
    clock = client(CLOCK)
    names = [f"{entries.PREFIX}{name}" for name in app.conf.beat_schedule]
    right = {name: clock.zscore(entries.SCHEDULE, name) for name in names}
    for name in names:
        clock.zadd(entries.SCHEDULE, {name: (now + STEP).timestamp()})
        clock.hset(name, "meta", '{"last_run_at": null, "total_run_count": 5}')
    assert not entries.scores_match(now)
    entries.reconcile(now)
    for name in names:
        assert clock.zscore(entries.SCHEDULE, name) == pytest.approx(right[name], abs=60)
    assert entries.scores_match(now)


def test_a_sign_of_life_is_enough_when_beat_does_nothing(monkeypatch):
    reconciled = []
    monkeypatch.setattr(worker, "reconcile_if_possible", lambda: reconciled.append(True))
    heartbeats.beat(step_back.HEART, timezone.now())
    worker.SignsOfLife("w@a").give_sign()
    assert not reconciled
    heartbeats.beat(step_back.HEART, timezone.now() + STEP)
    worker.SignsOfLife("w@a").give_sign()
    assert reconciled
