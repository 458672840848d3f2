"""Our sites with known records, crawled through the real path: every page with records is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from catalog.models import Run, Snapshot
from tests.factories import make_web_seed
from tests.fakeweb import FakeWeb
from tests.fakeweb.sites import SITES, FactSite
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]


@pytest.fixture(params=[name for name in SITES if name != "api"])
def site(request: pytest.FixtureRequest) -> FactSite[Any]:
    """A site of HTML; the API's answers are not."""
    return SITES[request.param](size=20)


@pytest.fixture
def web(site: FactSite[Any]) -> Iterator[FakeWeb]:
    with FakeWeb(site) as server:
        site.base = server.url
        yield server


def test_links_lead_to_every_page_with_records(
    site: FactSite[Any], web: FakeWeb, valkey: redis.Redis
) -> None:
    site.design = "b"
    run = crawl_seed(make_web_seed(web, use_sitemaps=False), valkey)
    assert _urls(site) <= _stored(run)
    assert not [seen.path for seen in web.requests if seen.path.startswith("/private/")]


@pytest.mark.parametrize("site", ["shop"], indirect=True)
def test_the_sitemap_leads_to_pages_that_no_link_leads_to(
    site: FactSite[Any], web: FakeWeb, valkey: redis.Redis
) -> None:
    site.design = "c"  # its lists are continued by scripts
    by_links = crawl_seed(make_web_seed(web, use_sitemaps=False), valkey)
    assert f"{site.base}/list?page=2" not in _fetched(by_links)
    by_sitemap = crawl_seed(make_web_seed(web), valkey)
    assert _urls(site) <= _fetched(by_sitemap)


def test_a_second_run_stores_what_is_new_or_changed_and_nothing_else(
    site: FactSite[Any], web: FakeWeb, valkey: redis.Redis
) -> None:
    seed = make_web_seed(web)
    assert _urls(site) <= _stored(crawl_seed(seed, valkey))
    before = {path: site.page(path, 0) for path in site.paths(0)}
    site.revision = 1
    second = crawl_seed(seed, valkey)
    differing = {site.base + path for path in site.paths(1) if before.get(path) != site.page(path, 1)}
    assert _stored(second) == differing
    assert 0 < len(differing) < len(site.paths(1))


def _urls(site: FactSite[Any]) -> set[str]:
    return {site.base + path for path in site.paths(site.revision)}


def _stored(run: Run) -> set[str]:
    return set(Snapshot.objects.filter(run=run).values_list("page__url", flat=True))


def _fetched(run: Run) -> set[str]:
    """The pages of a run, whether or not it was stored by an earlier run already."""
    return set(run.visits.filter(snapshot__isnull=False).values_list("url", flat=True))
