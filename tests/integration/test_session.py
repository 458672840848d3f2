"""A fetch session as a whole: what happens on one host does not stop the others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.utils import timezone

from catalog.models import Host, Run, Visit
from crawler.lanes import Lane
from crawler.requests.exchange import FetchResult
from pipelines.fetch.contexts import RunContext
from pipelines.fetch.plan import Plan
from pipelines.fetch.robots import HostRobots
from pipelines.fetch.session import run_session
from tests.factories import make_web_seed, open_run
from tests.fakeweb import FakeWeb, linked_site
from tests.fakeweb.misbehaviour import Play, Wire, ok

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive", "valkey")]


@pytest.fixture
def webs() -> Iterator[tuple[FakeWeb, FakeWeb]]:
    with ExitStack() as stack:
        first, second = (stack.enter_context(FakeWeb(linked_site(pages=20))) for _ in range(2))
        yield first, second


def pages(web: FakeWeb) -> list[str]:
    return [seen.path for seen in web.requests if seen.path != "/robots.txt"]


def test_a_slot_that_fails_ends_the_work_on_its_host_and_no_other(webs, monkeypatch, caplog):
    bad, good = webs
    urls = [f"{web.url}/p/{number}" for web in webs for number in range(1, 11)]
    seed = make_web_seed(good, start_urls="\n".join(urls), use_sitemaps=False, per_host=1)
    open_run(seed, Run.Kind.MANUAL, at=timezone.now())
    refusal = HostRobots.refusal

    def fail(robots: HostRobots, context: RunContext, url: str, now: float) -> FetchResult | None:
        if url == f"{bad.url}/p/4":
            raise LookupError("a fault of ours")
        return refusal(robots, context, url, now)

    def done() -> bool:
        return len(pages(good)) == 10 and "a fault of ours" in caplog.text

    monkeypatch.setattr(HostRobots, "refusal", fail)
    summary = run_session(
        Plan(Lane.NORMAL, "w", lambda batch: None, done, seconds=30, announce=lambda due: None)
    )
    assert done()
    assert bad.url in caplog.text
    assert len(pages(bad)) < 10
    assert summary.fetched == len(pages(good)) + len(pages(bad))
    assert not Host.objects.exclude(lease_token="").exists()
    handed_over = Visit.objects.filter(state=Visit.State.FETCHED)
    assert handed_over.count() == summary.fetched  # the others wait for the next session


def test_a_session_that_waits_for_its_last_answers_lets_the_next_one_begin(webs):
    """A server that is slow must not hold up the hosts that the session has given back."""
    slow, quick = webs
    room = threading.Event()

    async def late(wire: Wire) -> None:
        while not room.is_set():
            await asyncio.sleep(0.01)
        wire.send(ok())

    def make_room() -> None:
        leases = Host.objects.exclude(lease_token="").values_list("origin", flat=True)
        assert list(leases) == [slow.url]
        room.set()

    slow.on("/late", Play(late))
    seed = make_web_seed(
        quick, start_urls=f"{slow.url}/late\n{quick.url}/p/1", scope="page", use_sitemaps=False
    )
    open_run(seed, Run.Kind.MANUAL, at=timezone.now())
    plan = Plan(
        Lane.NORMAL,
        "w",
        publish=lambda batch: None,
        stopping=lambda: len(pages(slow)) + len(pages(quick)) == 2,
        seconds=30,
        announce=lambda due: None,
        make_room=make_room,
    )
    assert run_session(plan).fetched == 2
    assert room.is_set()
    assert not Host.objects.exclude(lease_token="").exists()
