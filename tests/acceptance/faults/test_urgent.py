"""Neither a host that takes its time nor a long backlog holds up what is urgent."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone

from catalog.models import Attempt, Run, Seed, Visit
from crawler.lanes import Lane
from djsite.desk.recrawls import recrawl_urls
from pipelines import runs
from scheduler import dispatch
from scheduler.queues import QUEUE_NAMES, depths
from tests.acceptance.faults.scene import URGENT_QUEUES, Scene, finish
from tests.fakeweb import FakeWeb, linked_site
from tests.fakeweb.misbehaviour import Raw
from tests.harness.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.timeout(300)
DEADLINE = 3.0  # seconds of a request: 30 in earnest
URLS = 100
BACKLOG = 3000


@pytest.fixture(scope="module", autouse=True)
def _urgent(scene: Scene) -> Iterator[None]:
    """The worker whose capacity is reserved."""
    worker = scene.worker("urgent", URGENT_QUEUES)
    yield
    worker.stop()


def test_a_host_that_never_answers_ends_at_the_deadline_and_holds_up_nothing_urgent(scene: Scene) -> None:
    with FakeWeb() as slow, FakeWeb(linked_site(pages=10)) as quick:
        slow.on("/slow", Raw(b"", end="open"))
        before = scene.crawl(quick)
        finish(before)
        starts = "\n".join(f"{slow.url}/slow?n={number}" for number in range(URLS))
        stuck = scene.crawl(slow, start_urls=starts, scope="page")
        wait_until(lambda: len(slow.requests) > 3, 30, what="the slow host is asked")
        times = [_recrawl(before.seed, quick, number) for number in range(8)]
        _at_once(times)
        wait_until(lambda: Attempt.objects.filter(visit__run=stuck).exists(), 30, what="a deadline was hit")
        _stop(stuck)
    tries = Attempt.objects.filter(visit__run=stuck)
    assert {attempt.reason for attempt in tries} == {"timeout"}
    assert max(attempt.elapsed_ms for attempt in tries) < (DEADLINE + 2 * PATIENCE) * 1000


def test_urgent_work_begins_at_once_behind_a_backlog(scene: Scene) -> None:
    """The backlog is rows: Redis holds no message for them. ``bench urgent`` has a million."""
    with FakeWeb(latency=0.1) as busy, FakeWeb(linked_site(pages=10)) as quick:
        before = scene.crawl(quick)
        finish(before)
        starts = "\n".join(f"{busy.url}/{number}" for number in range(BACKLOG))
        bulk = scene.crawl(busy, start_urls=starts, scope="page", lane=int(Lane.BULK))
        wait_until(lambda: len(busy.requests) > 20, 30, what="the backlog is worked on")
        waiting = Visit.objects.filter(run=bulk, state=Visit.State.QUEUED)
        times = [_recrawl(before.seed, quick, number) for number in range(8)]
        _at_once(times)
        assert waiting.count() > BACKLOG / 2
        assert sum(depths(QUEUE_NAMES).values()) < 20
        assert scene.valkey.client.info("memory")["used_memory"] < 20_000_000
        _stop(bulk)


def _at_once(times: list[float]) -> None:
    """On a busy machine; ``bench urgent`` says how soon on an idle one."""
    assert statistics.median(times) < 2
    assert max(times) < 10


def _stop(run: Run) -> None:
    runs.stop_run(run, timezone.now())
    dispatch.settle_run(run)
    finish(run)


def _recrawl(seed: Seed, web: FakeWeb, number: int) -> float:
    """Seconds from the order to the request."""
    path = web.site.paths[number]
    seen = len(web.seen(path))
    now = timezone.now()
    began = time.monotonic()
    recrawl_urls([web.url + path], now, seed)
    wait_until(lambda: len(web.seen(path)) > seen, 30, what="it is asked for", every=0.01)
    return time.monotonic() - began
