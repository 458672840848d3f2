"""Parsers that are killed by somebody, and parsers that are killed by what they read."""

from __future__ import annotations

import os
import signal
import time

import pytest

from catalog.models import Snapshot, Visit
from crawler.outcomes import Outcome, Reason
from tests.acceptance.faults.scene import POISON, Scene, every_page_once, finish
from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.sabotage import HELD
from tests.harness.waiting import PATIENCE

pytestmark = pytest.mark.timeout(300)


def test_the_batch_of_a_killed_parser_is_parsed_by_another_at_once(scene: Scene) -> None:
    with FakeWeb(linked_site(pages=40)) as web:
        url = web.on("/held", Answer(body=f"<h1>{HELD.decode()}</h1>"))
        with scene.holding():
            run = scene.crawl(web, start_urls=f"{web.url}/\n{url}")
            first = scene.holder()
            scene.hold.write_text("")
            began = time.monotonic()
            os.kill(first, signal.SIGKILL)
            assert scene.holder() != first
            assert time.monotonic() - began < 5 * PATIENCE
        finish(run)
        assert Snapshot.objects.get(run=run, page__url=url).batch.attempts == 2
    assert run.failed == 0
    assert scene["parse"].alive


def test_a_page_that_kills_every_parser_is_set_aside_and_no_other(scene: Scene) -> None:
    with FakeWeb(linked_site(pages=40)) as web:
        poison = web.on("/poison", Answer(body=f"<h1>{POISON}</h1>"))
        run = scene.crawl(web, start_urls=f"{web.url}/\n{poison}")
        finish(run)
        every_page_once(run, web)
    visit = Visit.objects.get(run=run, outcome=Outcome.FAILED)
    assert (visit.url, visit.reason) == (poison, Reason.PARSER_KILLED)
    assert scene["parse"].alive
