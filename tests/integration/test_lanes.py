"""What the lanes promise: urgent work takes a host's next slot, and nobody starves."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Host, Run, RunHost
from catalog.sql.frontier import Ask
from crawler.lanes import Lane, lane_of, ranks_of
from crawler.rules.keys import Keys
from djsite.desk.recrawls import recrawl_urls
from embedded import services
from pipelines.fetch.leases import OWN_SHARE
from pipelines.fetch.plan import Plan
from pipelines.fetch.session import run_session
from pipelines.fetch.wakeups import WakeUp
from pipelines.frontier import batches, hosts, window
from pipelines.frontier.admit import Candidate, admit
from scheduler import sweeps
from scheduler.queues import celery_priority, depths
from tests.factories import make_seed, make_web_seed, open_run
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb(linked_site(pages=60)) as server:
        yield server


@contextmanager
def session(lane: Lane, given: list[int], seconds: float = 30.0) -> Iterator[None]:
    """A session at work; what it hands over is not parsed. ``given``: hosts that it gives back with work."""
    stop = threading.Event()

    def announce(host_ids: Mapping[Lane, Collection[int]]) -> None:
        given.extend(pk for ids in host_ids.values() for pk in ids)

    plan = Plan(lane, "w1", lambda batch: None, stop.is_set, seconds, announce)
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
    seed = make_web_seed(web, lane=Lane.BULK, start_urls=urls, per_host=1, use_sitemaps=False, **fields)
    return open_run(seed, at=timezone.now())


def pages(web: FakeWeb) -> list[str]:
    return [seen.path for seen in web.requests if seen.path != "/robots.txt"]


def hint(valkey: redis.Redis, lane: Lane) -> None:
    ids = list(Host.objects.values_list("pk", flat=True))
    WakeUp(lane, ids).send(valkey)


def ask_for(url: str) -> None:
    assert recrawl_urls([url], timezone.now()).ordered


def test_urgent_work_takes_the_next_slot_of_a_host_that_a_bulk_session_holds(web, valkey):
    begin_bulk(web, delay=0.2)
    with session(Lane.BULK, []):
        wait_until(lambda: len(pages(web)) >= 3)
        before = len(pages(web))
        ask_for(f"{web.url}/p/59")
        wait_until(lambda: "/p/59" in pages(web))
    assert pages(web).index("/p/59") <= before + 1  # at most the request that was sent meanwhile
    assert len(set(pages(web))) == len(pages(web))


def test_back_pressure_holds_up_bulk_work_and_no_urgent_work(web, valkey, monkeypatch):
    begin_bulk(web, delay=0.2)
    with session(Lane.BULK, []):
        wait_until(lambda: len(pages(web)) >= 3)
        monkeypatch.setattr(batches, "open_batches", lambda: 1000)
        wait_until(lambda: _stands_still(web))
        before = len(pages(web))
        ask_for(f"{web.url}/p/59")
        wait_until(lambda: "/p/59" in pages(web))
        assert pages(web)[before:] == ["/p/59"]
        monkeypatch.undo()
    with session(Lane.BULK, []):
        wait_until(lambda: len(pages(web)) > before + 3)


def test_urgent_sessions_take_urgent_work_only(web, valkey):
    begin_bulk(web, delay=0)
    ask_for(f"{web.url}/p/59")
    with session(Lane.URGENT, []):
        wait_until(lambda: "/p/59" in pages(web))
        wait_until(lambda: not Host.objects.exclude(lease_token="").exists(), 10)
    assert pages(web) == ["/p/59"]


def test_a_worker_of_urgent_work_alone_is_kept_free_for_it():
    entry = Path("entrypoint.sh").read_text(encoding="utf-8")
    (listed,) = re.findall(r"worker-urgent\) echo \"-Q (\S+)", entry)
    embedded = next(one for one in services.workers(lambda node: None) if one.name == services.URGENT)
    for queues in (listed, embedded.command[embedded.command.index("-Q") + 1]):
        assert set(queues.split(",")) == {"fetch.urgent", "store.urgent"}


def test_every_lane_stands_before_the_next_at_the_broker_and_priorities_within():
    """A worker asks for priority 0 of all its queues before it asks for 1."""
    sent = [celery_priority(rank) for rank in range(30)]
    assert sent == sorted(sent)
    for lane in (Lane.URGENT, Lane.NORMAL):
        assert sent[ranks_of(lane)[-1]] < sent[ranks_of(lane)[-1] + 1]
        assert sent[ranks_of(lane)[0]] < sent[ranks_of(lane)[-1]]


def test_behind_twenty_thousand_bulk_urls_urgent_work_is_next(valkey):
    """By order, not by the clock: the host is leased first, the visit is first in its window."""
    run = begin_far(Lane.BULK, hosts=200, pages=100)
    assert run.visits.count() == 20_000
    chosen = Host.objects.order_by("?")[0]
    url = f"{chosen.origin.removesuffix(':80')}/p/7"
    (ordered,) = recrawl_urls([url], timezone.now()).ordered
    assert ordered.host_ids == {chosen.pk}
    now = timezone.now()
    (leased,) = hosts.lease(hosts.Claim(1, 98, "w", "any", 30), now)
    assert leased.pk == chosen.pk
    ((first, second),) = window.due_visits([Ask(chosen.pk, 2)], max_rank=98, now=now)
    assert (first.run_id, second.run_id) == (ordered.run.pk, run.pk)
    (of_urgent_sessions,) = window.due_visits([Ask(chosen.pk, 9)], max_rank=9, now=now)
    assert [due.url for due in of_urgent_sessions] == [url]


def test_priorities_order_the_work_of_a_lane(valkey):
    runs = {
        priority: begin_far(Lane.NORMAL, hosts=1, pages=2, priority=priority) for priority in (3, 9, 0, 5)
    }
    now = timezone.now()
    (due,) = window.due_visits([Ask(Host.objects.get().pk, 8)], max_rank=98, now=now)
    assert [one.run_id for one in due] == [runs[priority].pk for priority in (9, 5, 3, 0) for _ in range(2)]


def test_bulk_and_normal_work_go_on_while_better_lanes_fill_every_session(valkey, monkeypatch):
    """A quarter of a session's hosts are of its own lane; what is over is the best of all."""
    for lane in Lane:
        begin_far(lane, hosts=40, pages=1, name=lane.label)
    leased = {lane: lanes_of(lane, room=16) for lane in (Lane.BULK, Lane.NORMAL)}
    assert leased == {
        Lane.BULK: {"bulk": 4, "urgent": 12},
        Lane.NORMAL: {"normal": 4, "urgent": 12},
    }


def lanes_of(lane: Lane, room: int) -> Counter[str]:
    """The lanes of what a session of a lane leases when it begins."""
    claim = hosts.Claim(room, 98, "w", f"t{lane}", 30, reserved=room // OWN_SHARE, own=ranks_of(lane))
    return Counter(lane_of(host.rank).label for host in hosts.lease(claim, timezone.now()))


def test_the_sweep_calls_every_lane_however_much_waits_in_better_ones(valkey, monkeypatch):
    monkeypatch.setattr(sweeps, "MANY", 3)
    for lane in Lane:
        begin_far(lane, hosts=5, pages=1, name=lane.label)
    sweeps.wake_hosts(timezone.now())
    assert depths(["fetch.urgent", "fetch.normal", "fetch.bulk"]) == {
        "fetch.urgent": 1, "fetch.normal": 1, "fetch.bulk": 1,
    }  # fmt: skip


def begin_far(lane: Lane, hosts: int, pages: int, name: str = "far", **fields: object) -> Run:
    """An open run of a lane with pages queued on hosts that nobody reaches."""
    first = [f"http://{name}-{number}.test/" for number in range(hosts)]
    seed = make_seed(start_urls="\n".join(first), schedule="manual", lane=lane, **fields)
    run = open_run(seed, at=timezone.now())
    links = [Keys().link(f"{start}p/{number}") for start in first for number in range(1, pages)]
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        admit(run, [Candidate(link, depth=1) for link in links], timezone.now())
        run.save()
    return run


def _stands_still(web: FakeWeb) -> bool:
    before = len(web.requests)
    time.sleep(0.7)
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


def test_an_urgent_session_gives_a_host_back_on_which_others_wait(web, valkey, settings):
    """Else a page recrawled every second would keep all other work off its host."""
    settings.SESSION_IDLE_SECONDS = 30
    begin_bulk(web, delay=0)
    given: list[int] = []
    with session(Lane.URGENT, given):
        ask_for(f"{web.url}/p/59")
        wait_until(lambda: pages(web) == ["/p/59"])
        wait_until(lambda: given == [Host.objects.get().pk], 5, what="the host is given back")
        assert not Host.objects.exclude(lease_token="").exists()


def test_a_session_that_ends_announces_the_urgent_work_that_it_leaves(web, valkey):
    begin_bulk(web, delay=30)
    given: list[int] = []
    with session(Lane.BULK, given):
        wait_until(lambda: len(pages(web)) == 1)
        ask_for(f"{web.url}/p/59")
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
