"""A run that ended with hardly more than its start URLs says why, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis

from catalog.models import Run
from djsite.desk.read.small_runs import why_small
from tests.factories import make_web_seed
from tests.fakeweb import Answer, FakeWeb
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
Crawl = Callable[..., list[str]]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as server:
        yield server


@pytest.fixture
def sentences(web: FakeWeb, valkey: redis.Redis) -> Crawl:
    """Crawl the page ``/start``, and say what there is to say."""

    def crawl(**fields) -> list[str]:
        run = crawl_seed(
            make_web_seed(web, start_urls=f"{web.url}/start", use_sitemaps=False, **fields), valkey
        )
        assert run.state == Run.State.FINISHED
        return why_small(run)

    return crawl


def test_a_start_url_that_fails_is_named_with_the_reason(web: FakeWeb, sentences: Crawl) -> None:
    web.on("/start", Answer(status=404))
    assert sentences() == [f"The start URL {web.url}/start gave no page: the server answered 404."]


def test_what_robots_forbids_is_named(web: FakeWeb, sentences: Crawl) -> None:
    web.on("/robots.txt", Answer(body="User-agent: *\nDisallow: /", content_type="text/plain"))
    (sentence,) = sentences()
    assert sentence.startswith(f"The start URL {web.url}/start gave no page: robots.txt forbids it")


def test_links_that_all_lead_out_of_scope_are_named(web: FakeWeb, sentences: Crawl) -> None:
    web.on("/start", Answer(body="<p>words <a href='http://elsewhere.test/a'>x</a>"))
    (sentence,) = sentences()
    assert "out of the seed's scope, such as http://elsewhere.test/a" in sentence


def test_limits_that_turned_all_links_away_are_named(web: FakeWeb, sentences: Crawl) -> None:
    web.on("/start", Answer(body="<p>words <a href='/a'>x</a>"))
    (sentence,) = sentences(max_depth=0)
    assert "deeper than the seed goes" in sentence


def test_a_page_without_links_is_explained(web: FakeWeb, sentences: Crawl) -> None:
    web.on("/start", Answer(body="<p>words<script>app()</script>"))
    (sentence,) = sentences()
    assert "have no links to follow" in sentence


def test_a_seed_that_follows_no_links_has_none_to_explain(web: FakeWeb, sentences: Crawl) -> None:
    web.on("/start", Answer(body="<p>words <a href='/a'>x</a>"))
    assert sentences(scope="page") == []


def test_a_run_that_followed_links_has_nothing_to_explain(web: FakeWeb, sentences: Crawl) -> None:
    web.on("/start", Answer(body="<p>words <a href='/a'>x</a>"))
    web.on("/a", Answer(body="<p>more words"))
    assert sentences() == []
