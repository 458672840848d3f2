"""Redis that dies in the middle of a chain, stands still, and forgets everything."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Seed
from scheduler.clock import entries
from scheduler.redis_server import CLOCK, client
from tests.acceptance.faults.scene import Scene, asked, every_page_once, finish, repeated
from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.sabotage import HELD
from tests.harness.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.timeout(300)
OUTAGE = 6.0  # seconds: 60 in earnest
FROZEN = 4.5


def test_a_chain_goes_on_after_redis_was_away_in_its_middle_and_its_workers_live(scene: Scene) -> None:
    workers = scene["main"], scene["parse"]  # each is partly busy: Celery 5.7 by itself would end
    with FakeWeb(linked_site(pages=60)) as web:
        held = web.on("/held", Answer(body=f"<h1>{HELD.decode()}</h1>"))
        with scene.holding():
            run = scene.crawl(web, start_urls=f"{web.url}/\n{held}")
            scene.holder()
            scene.valkey.kill()
            time.sleep(OUTAGE / 2)
        time.sleep(OUTAGE / 2)  # its parse ends now, and cannot send for the store
        scene.valkey.start()
        finish(run)
        assert run.failed == 0
        assert repeated(web) == 0
    assert all(worker.alive for worker in workers)


def test_nobody_hangs_while_redis_stands_still(scene: Scene) -> None:
    with FakeWeb(linked_site(pages=60), latency=0.02) as web, FakeWeb(linked_site(pages=10)) as other:
        run = scene.crawl(web)
        asked(web, 10)
        with scene.valkey.frozen():
            began = time.monotonic()
            second = scene.crawl(other)
            told = time.monotonic() - began
            time.sleep(max(0.0, FROZEN - told))
        assert told < FROZEN  # the hint was given up, the row is there
        assert finish(second) < 30
        finish(run)
        every_page_once(run, web)
        every_page_once(second, other)


def test_queues_and_clock_come_back_after_redis_has_forgotten_everything(scene: Scene) -> None:
    seed = Seed.objects.create(
        name="far away", start_urls="http://127.0.0.1:9/", interval_seconds=86400,
        next_slot=timezone.now().replace(microsecond=0) + timedelta(hours=1),
    )  # fmt: skip
    with FakeWeb(linked_site(pages=120), latency=0.02) as web:
        run = scene.crawl(web)
        for pages in (20, 60):
            asked(web, pages)
            scene.valkey.client.flushall()
            began = time.monotonic()
            wait_until(lambda: _due(seed) == seed.next_slot.timestamp(), 30, what="the entry is there again")
            assert time.monotonic() - began < 12 * PATIENCE
        finish(run)
        every_page_once(run, web)
        assert repeated(web) == 0
    seed.delete()


def _due(seed: Seed) -> float | None:
    due: float | None = client(CLOCK).zscore(entries.SCHEDULE, entries.key_of(seed.pk))
    return due
