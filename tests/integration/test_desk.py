"""What the desk promises to every front: who may say where a seed goes, and what is done in this process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from catalog.models import Host, Run, Seed, Visit
from djsite.desk import runs, seeds
from scheduler import redis_server
from scheduler.clock import entries
from scheduler.clock.changes import seed_changed
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def saved(seed: Seed) -> Seed:
    return Seed.objects.get(pk=seed.pk)


@pytest.mark.parametrize("somebody", ["operator", "nobody"])
def test_only_staff_and_the_command_line_open_private_networks(somebody: str) -> None:
    user = factories.make_user("otto", "operator") if somebody == "operator" else AnonymousUser()
    seed = factories.make_seed("Shop")
    seed.allow_networks = "10.0.0.0/8"
    with pytest.raises(PermissionDenied):
        seeds.save(seed, NOW, user)
    assert saved(seed).allow_networks == ""
    new = Seed(name="New", start_urls="http://10.0.0.1/", allow_networks="10.0.0.0/8", interval_seconds=60)
    with pytest.raises(PermissionDenied):
        seeds.save(new, NOW, user)
    seeds.save(seed, NOW, factories.make_user("stella", None, is_staff=True))
    seeds.save(new, NOW)
    assert saved(seed).allow_networks == saved(new).allow_networks == "10.0.0.0/8"


@pytest.mark.parametrize(
    ("name", "value"), [("start_urls", "http://10.0.0.1/"), ("scope", "domain"), ("headers", "X-Key: 1")]
)
def test_an_operator_turns_no_seed_that_may_reach_private_networks(name: str, value: str) -> None:
    operator = factories.make_user("otto", "operator")
    seed = factories.make_seed("Intranet", allow_networks="10.0.0.0/8")
    before = getattr(seed, name)
    setattr(seed, name, value)
    with pytest.raises(PermissionDenied):
        seeds.save(seed, NOW, operator)
    assert getattr(saved(seed), name) == before
    setattr(seed, name, before)
    seed.max_pages = 7
    seeds.save(seed, NOW, operator)
    assert saved(seed).max_pages == 7


def test_a_rule_set_names_the_one_who_saved_its_rules() -> None:
    otto = factories.make_user("otto", "operator")
    seed = factories.make_seed("Shop")
    seed.fields = [{"name": "price", "css": ".price"}]
    seeds.save(seed, NOW, otto)
    seeds.save(seed, NOW)
    rule_set = seed.rule_sets.get()
    assert (rule_set.created_by, rule_set.created_at) == (otto, NOW)
    assert rule_set.rules == [{"name": "pages", "fields": seed.fields}]


def test_a_run_of_the_command_line_is_opened_paused_and_resumed_without_a_worker(valkey: redis.Redis) -> None:
    seed = factories.make_seed("Shop", start_urls="http://one.test/\nhttp://two.test/")
    run = runs.start_here(seed, timezone.now())
    assert waiting(run) == [Visit.State.QUEUED] * 2
    assert Host.objects.exclude(due_at=None).count() == 2
    assert valkey.llen("fetch.normal") == 1
    runs.pause_here(run, timezone.now())
    assert waiting(run) == [Visit.State.HELD] * 2
    assert not Host.objects.exclude(due_at=None).exists()
    runs.go_on_here(run, timezone.now())
    assert waiting(run) == [Visit.State.QUEUED] * 2
    assert valkey.llen("control") == 0


def waiting(run: Run) -> list[int]:
    return list(run.visits.values_list("state", flat=True))


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_seeds_without_signals_has_one_door_to_the_clock(valkey: redis.Redis) -> None:
    clock = redis_server.client(redis_server.CLOCK)
    now = timezone.now().replace(microsecond=0)
    seed = factories.make_seed("Shop", schedule="interval", interval_seconds=3600, created_at=now)
    Seed.objects.update(next_slot=now + timedelta(hours=1))
    Seed.objects.update(interval_seconds=60)
    seed.refresh_from_db()
    seed_changed(seed, now)
    assert saved(seed).next_slot == now + timedelta(minutes=1)
    assert clock.zscore(entries.SCHEDULE, entries.key_of(seed.pk)) == (now + timedelta(minutes=1)).timestamp()
    Seed.objects.update(enabled=False)
    seed.refresh_from_db()
    seed_changed(seed, now)
    assert saved(seed).next_slot is None
    assert not clock.exists(entries.key_of(seed.pk))
