"""Hosts that fail, on the path: a broken part costs its own pages, an outage a rest, and every run ends."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Attempt, Host
from crawler.rules.breaker import BREAKER_THRESHOLD, PROBES
from crawler.rules.urls import origin_of
from tests.fakeweb import Answer, FakeWeb, Request
from tests.fakeweb.answers import Behaviour
from tests.fakeweb.bad import MISBEHAVIOURS
from tests.fakeweb.server import now
from tests.harness.path import Crawl, links, outcomes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]

PARTS = ("/news/", "/archive/")


class Sections:
    """A start page that lists a broken folder before the index of one that is fine."""

    def __init__(self, broken: Behaviour, pages: int = 30) -> None:
        self.broken = broken
        self.pages = pages

    def answer(self, request: Request) -> Behaviour | None:
        if request.path == "/":
            return Answer(body=links(*[f"/archive/{n}" for n in range(self.pages)], "/news/"))
        if request.path == "/news/":
            return Answer(body=links(*[f"/news/{n}" for n in range(60)]))
        if request.path.startswith("/news/"):
            return Answer(body=f"<p>News {request.path}")
        return self.broken if request.path.startswith("/archive/") else None


@pytest.mark.parametrize("how", [{"delay": 0}, {"delay": 0.02}, {"delay": 0, "per_host": 4}])
@pytest.mark.parametrize("broken", [Answer(500), MISBEHAVIOURS["reset"]])
def test_a_broken_folder_does_not_rest_the_host_while_other_pages_answer(
    web: FakeWeb, crawl: Crawl, how: dict[str, Any], broken: Behaviour
) -> None:
    web.site = Sections(broken)
    run = crawl(**how)
    assert (run.stored, run.failed) == (62, 30)
    host = Host.objects.get()
    assert host.open_until is None
    assert Attempt.objects.count() == 30 * 3
    asked = [seen.path for seen in web.requests]
    last = {part: max(at for at, path in enumerate(asked) if path.startswith(part)) for part in PARTS}
    assert last["/news/"] < last["/archive/"]  # good pages did not wait until the broken ones were given up


def test_a_folder_of_thousands_that_fails_is_asked_after_what_answers(web: FakeWeb, crawl: Crawl) -> None:
    web.site = Sections(Answer(500), pages=600)
    run = crawl(delay=0)
    assert (run.stored, run.failed) == (62, 600)
    assert [seen.path for seen in web.requests].index("/news/") < 30


def test_a_short_overload_costs_one_rest(web: FakeWeb, crawl: Crawl) -> None:
    """Sixteen requests are under way when it begins to fail: they are one sign of it, and not sixteen."""
    began = now()

    class Overloaded:
        def answer(self, request: Request) -> Answer | None:
            if request.path == "/":
                return Answer(body=links(*[f"/p/{n}" for n in range(40)]))
            if request.path.startswith("/p/"):
                well = now() > began + 1.5
                return Answer(body=f"<p>{request.path}", delay=0.1) if well else Answer(503, delay=0.2)
            return None

    web.site = Overloaded()
    run = crawl(delay=0, per_host=16)
    assert run.stored == 41
    host = Host.objects.get()
    assert (host.failures, host.open_until) == (0, None)
    assert web.requests[-1].started - began < 20  # of a tenth of the usual waits


def test_pages_of_a_host_that_failed_for_half_an_hour_wait_no_longer(web: FakeWeb, crawl: Crawl) -> None:
    web.site = Sections(Answer(500))
    failures = BREAKER_THRESHOLD + PROBES - 1
    Host.objects.create(origin=origin_of(web.url + "/"), failures=failures)
    urls = [f"{web.url}/archive/{n}" for n in range(30)]
    run = crawl(start_urls="\n".join(urls), delay=0)
    assert run.failed == 30
    reasons = [reason for _, reason in outcomes(run).values()]
    assert reasons.count("host_down") == 30
    assert len([seen for seen in web.requests if seen.path.startswith("/archive/")]) < 5
