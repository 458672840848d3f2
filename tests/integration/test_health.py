"""The health report: plain data, and a sentence for everything that is not as it should be."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from catalog.models import Heartbeat, Run, Seed
from crawler.lanes import Lane
from djsite.desk import health
from scheduler import queues
from scheduler.checks import broker
from scheduler.process import heartbeats
from scheduler.wakeups import call_session
from tests.factories import NOW, make_batch, make_host, make_run, make_seed

pytestmark = pytest.mark.django_db


def alive(*names: str, at: datetime = NOW) -> None:
    for name in names:
        heartbeats.beat(name, at, pid=7, queues=queues.QUEUE_NAMES)


def test_a_healthy_whole_has_no_problems(valkey):
    alive("beat", "fetch@a")
    make_run(make_seed(schedule="manual"), Run.State.OPEN)
    make_host("http://one.test/", rank=25, due_at=NOW - timedelta(seconds=9))
    call_session(Lane.BULK)
    report = health.report(NOW)
    assert report["problems"] == []
    assert report["redis"]
    assert report["runs"] == {"open": 1}
    assert report["beat"]["alive"]
    assert [worker["name"] for worker in report["workers"]] == ["fetch@a"]
    bulk = report["lanes"][Lane.BULK]
    assert bulk == {
        "lane": "bulk", "fetch": 1, "parse": 0, "store": 0,
        "due_hosts": 1, "oldest_due": "2026-03-10T11:59:51+00:00",
    }  # fmt: skip
    assert json.loads(json.dumps(report)) == report


def test_what_is_wrong_is_said_in_sentences(valkey):
    alive("beat", "fetch@a", at=NOW - timedelta(hours=1))
    heartbeats.beat("reconcile", NOW, broken=["redbeat:x"])
    make_seed(next_slot=NOW - timedelta(hours=1))
    Seed.objects.filter(pk=make_seed().pk).update(next_slot=None)
    make_batch(due_at=NOW - timedelta(hours=1))
    assert health.report(NOW)["problems"] == [
        "Beat's last sign of life is 3,600 s old: it, Redis or the worker of 'control' is down, and nothing "
        "becomes due.",
        "Workers without a sign of life for 3 s: 1.",
        "No worker gives a sign of life: nothing is done.",
        "Clock entries in Redis that were malformed, and removed in the last hour: 1.",
        "Seeds that came due and were not opened: 1.",
        "Enabled seeds that never come due: 1.",
        "Batches that should have gone through parse and store by now: 1.",
    ]


def test_the_report_needs_no_redis(monkeypatch, tmp_path):
    nowhere = redis.Redis(unix_socket_path=f"{tmp_path}/nothing.sock", retry=Retry(NoBackoff(), 0))
    for module in (queues, broker):
        monkeypatch.setattr(module, "client", lambda database: nowhere)
    report = health.report(NOW)
    assert not report["redis"]
    assert report["lanes"][0]["fetch"] is None
    assert report["problems"][0] == "Redis does not answer: nothing new begins until it is back."


def test_a_life_begins_anew_after_a_long_silence():
    alive("beat")
    alive("beat", at=NOW + timedelta(seconds=settings.HEARTBEAT_SECONDS))
    assert Heartbeat.objects.get().started_at == NOW
    later = NOW + timedelta(hours=1)
    alive("beat", at=later)
    assert Heartbeat.objects.get().started_at == later
    assert heartbeats.age("beat", later + timedelta(seconds=2)) == timedelta(seconds=2)
    assert heartbeats.age("nobody", later) is None
    heartbeats.forget(later + timedelta(days=2))
    assert not Heartbeat.objects.exists()
