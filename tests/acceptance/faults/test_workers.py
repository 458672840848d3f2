"""Workers that are killed, and workers that are replaced, in mid-crawl."""

from __future__ import annotations

import pytest

from tests.acceptance.faults.scene import (
    IN_HAND,
    MAIN_QUEUES,
    Scene,
    asked,
    every_page_once,
    finish,
    repeated,
)
from tests.fakeweb import FakeWeb, linked_site

pytestmark = pytest.mark.timeout(300)
LEASE = 3.0  # seconds: 30 in earnest


def test_pages_of_a_killed_worker_are_fetched_by_another_when_its_lease_has_ended(scene: Scene) -> None:
    with FakeWeb(linked_site(pages=120), latency=0.02) as web:
        run = scene.crawl(web)
        asked(web, 40)
        scene["main"].kill()
        second = scene.worker("second", MAIN_QUEUES)
        assert finish(run) < LEASE + 30
        every_page_once(run, web)
        assert repeated(web) <= IN_HAND
    second.stop()
    scene.start("main")


def test_rolling_restarts_lose_nothing_and_repeat_nothing(scene: Scene) -> None:
    with FakeWeb(linked_site(pages=300), latency=0.04) as web:
        run = scene.crawl(web)
        for pages, name in ((40, "main"), (120, "parse"), (180, "main")):
            asked(web, pages)
            assert scene[name].stop(timeout=45) == 0
            scene.start(name)
        finish(run)
        every_page_once(run, web)
        assert repeated(web) == 0
