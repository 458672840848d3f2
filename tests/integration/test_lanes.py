"""What the lanes promise: urgent work takes a host's next slot, and nobody starves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
import redis
from django.db import connection, transaction
from django.utils import timezone

from crawler.records import Lane
from djsite.catalog.models import Host, Run, RunHost
from pipelines.fetch.session import Plan, run_session
from pipelines.fetch.wakes import CHANNEL
from pipelines.frontier import hosts, window
from pipelines.recrawl import recrawl_urls
from pipelines.runs import create_run, start_run
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.path import make_seed
from tests.harness.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb(linked_site(pages=60)) as server:
        yield server


@contextmanager
def session(lane: Lane, given: list[int], seconds: float = 30.0) -> Iterator[None]:
    """A session at work; what it hands over is not parsed. ``given``: hosts that it gives back as urgent."""
    stop = threading.Event()

    def give(host_ids: Collection[int]) -> None:
        given.extend(host_ids)

    plan = Plan(lane, "w1", lambda batch: None, stop.is_set, seconds, give)
    thread = threading.Thread(target=run_session, args=(plan,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def begin_bulk(web: FakeWeb, paths: int = 40, **fields: object) -> Run:
    """A bulk run with many pages queued on the web's one host."""
    urls = "\n".join(f"{web.url}/p/{number}" for number in range(1, paths + 1))
    seed = make_seed(web, lane=Lane.BULK, start_urls=urls, per_host=1, use_sitemaps=False, **fields)
    run = create_run(seed, Run.Kind.SCHEDULED, timezone.now(), timezone.now())
    assert run is not None
    start_run(run, timezone.now())
    return run


def pages(web: FakeWeb) -> list[str]:
    return [seen.path for seen in web.requests if seen.path != "/robots.txt"]


def hint(valkey: redis.Redis, lane: Lane) -> None:
    ids = list(Host.objects.values_list("pk", flat=True))
    valkey.publish(CHANNEL, json.dumps({"lane": int(lane), "hosts": ids}))


def ask_for(url: str, valkey: redis.Redis) -> None:
    assert recrawl_urls([url], timezone.now()).ordered
    hint(valkey, Lane.URGENT)


def test_urgent_work_takes_the_next_slot_of_a_host_that_a_bulk_session_holds(web, valkey):
    begin_bulk(web, delay=0.2)
    with session(Lane.BULK, []):
        wait_until(lambda: len(pages(web)) >= 3)
        before = len(pages(web))
        ask_for(f"{web.url}/p/59", valkey)
        wait_until(lambda: "/p/59" in pages(web), 5)
    assert pages(web).index("/p/59") <= before + 1  # at most the request that was sent meanwhile
    assert len(set(pages(web))) == len(pages(web))


def test_back_pressure_holds_up_bulk_work_and_no_urgent_work(web, valkey, monkeypatch):
    begin_bulk(web, delay=0.05)
    with session(Lane.BULK, []):
        wait_until(lambda: len(pages(web)) >= 3)
        monkeypatch.setattr(window, "open_batches", lambda: 1000)
        wait_until(lambda: _stands_still(web), 5)
        before = len(pages(web))
        ask_for(f"{web.url}/p/59", valkey)
        wait_until(lambda: "/p/59" in pages(web), 2)
        assert pages(web)[before:] == ["/p/59"]
        monkeypatch.undo()
        wait_until(lambda: len(pages(web)) > before + 3, 5)  # goes on by itself


def _stands_still(web: FakeWeb) -> bool:
    before = len(web.requests)
    time.sleep(0.3)
    return len(web.requests) == before


def test_hints_near_the_end_of_a_session_do_not_break_the_delay(web, valkey):
    begin_bulk(web, delay=0.6)
    with session(Lane.BULK, [], seconds=1.5):
        wait_until(lambda: len(pages(web)) >= 2)
        while Host.objects.exclude(lease_token="").exists():
            hint(valkey, Lane.BULK)
            time.sleep(0.03)
    seen = [seen for seen in web.requests if seen.path != "/robots.txt"]
    gaps = [after.started - (before.finished or 0) for before, after in zip(seen, seen[1:], strict=False)]
    assert min(gaps) >= 0.59


def test_a_session_that_ends_announces_the_urgent_work_that_it_leaves(web, valkey):
    begin_bulk(web, delay=30)
    given: list[int] = []
    with session(Lane.BULK, given):
        wait_until(lambda: len(pages(web)) == 1)
        ask_for(f"{web.url}/p/59", valkey)
    assert given == [Host.objects.get().pk]
    assert len(pages(web)) == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the whole file")
def test_locked_hosts_hold_up_no_insert_that_refers_to_them(web, valkey):
    """Stores commit while sessions give hosts back: the check of their foreign keys must not wait."""
    run = begin_bulk(web)
    host = Host.objects.get()

    def insert() -> None:
        with transaction.atomic():
            RunHost.objects.filter(run=run).delete()
            RunHost.objects.create(run=run, host=host)
        connection.close()

    with transaction.atomic():
        hosts.requeue([host.pk], timezone.now())
        other = threading.Thread(target=insert)
        other.start()
        other.join(10)
        assert not other.is_alive()
