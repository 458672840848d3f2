"""Sitemaps and feeds on the path: found, leased, read, accounted, and their pages crawled."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import redis
from django.conf import settings

from catalog.models import Page, Run, Seed, Snapshot, Visit
from crawler.outlinks import VisitKind
from pipelines.frontier import limits
from pipelines.store import sitemap_parts
from tests.factories import make_web_seed
from tests.fakeweb import Answer, FakeWeb, redirect
from tests.harness.path import crawl_seed, outcomes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
Crawl = Callable[..., Run]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    """A start page without links, and islands that only sitemaps know."""
    with FakeWeb() as server:
        server.on("/", Answer(body="<h1>start</h1>"))
        for number in range(6):
            server.on(f"/island/{number}", Answer(body=f"<h1>island {'x' * number}</h1>"))
        yield server


@pytest.fixture
def crawl(web: FakeWeb, valkey: redis.Redis) -> Crawl:
    return lambda **fields: crawl_seed(make_web_seed(web, **fields), valkey)


def entry(url: str, lastmod: str = "") -> str:
    return f"<url><loc>{url}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</url>"


def urlset(*entries: str) -> Answer:
    xmlns = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return Answer(body=f'<urlset xmlns="{xmlns}">{"".join(entries)}</urlset>', content_type="text/xml")


def index(*urls: str) -> Answer:
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return Answer(body=f"<sitemapindex>{entries}</sitemapindex>", content_type="application/xml")


def stored(run: Run) -> set[str]:
    return {
        url.partition("/island/")[2] or "start" for url in run.snapshots.values_list("final_url", flat=True)
    }


def test_the_sitemaps_of_robots_txt_are_read(web: FakeWeb, crawl: Crawl) -> None:
    packed = gzip.compress(urlset(entry(f"{web.url}/island/1"), entry("http://else.where/")).body.encode())
    web.robots = f"User-agent: *\nSitemap: {web.url}/index.xml\nSitemap: /feed\n"
    web.on("/index.xml", index(f"{web.url}/old.xml", f"{web.url}/maps/1.xml.gz", "http://else.where/map.xml"))
    web.on("/old.xml", redirect("/maps/2.xml"))
    web.on("/maps/2.xml", urlset(entry(f"{web.url}/island/2", "2024-05-06")))
    web.on("/maps/1.xml.gz", Answer(body=packed, content_type="application/x-gzip"))
    web.on("/feed", Answer(body=f"<rss><item><link>{web.url}/island/3</link></item></rss>"))
    run = crawl()
    assert stored(run) == {"start", "1", "2", "3"}
    found = outcomes(run)
    for path in ("/index.xml", "/maps/1.xml.gz", "/maps/2.xml", "/feed"):
        assert found[web.url + path] == ("skipped", "sitemap")
    assert found[web.url + "/old.xml"] == ("redirected", None)
    assert (run.skipped, run.redirected, run.discovered, run.out_of_scope) == (4, 1, 9, 1)
    assert run.warnings == []
    second = Visit.objects.get(url=web.url + "/island/2")
    assert (second.depth, second.lastmod) == (1, datetime(2024, 5, 6, tzinfo=UTC))
    assert Visit.objects.get(pk=second.found_on or 0).url == web.url + "/maps/2.xml"
    assert Page.objects.get(url=second.url).lastmod == second.lastmod
    assert Snapshot.objects.count() == Page.objects.count() == 4


def test_a_seed_names_its_own_and_robots_is_obeyed_for_them(web: FakeWeb, crawl: Crawl) -> None:
    web.robots = "User-agent: *\nDisallow: /private\nSitemap: /robots.xml\n"
    web.on("/named.xml", urlset(entry(f"{web.url}/island/1")))
    web.on("/robots.xml", urlset(entry(f"{web.url}/island/2")))
    run = crawl(
        use_sitemaps=False,
        sitemaps=f"{web.url}/named.xml\n{web.url}/private/x.xml\n{web.url}/gone.xml\nnonsense",
    )
    assert stored(run) == {"start", "1"}
    assert outcomes(run)[f"{web.url}/private/x.xml"] == ("skipped", "robots")
    assert outcomes(run)[f"{web.url}/gone.xml"] == ("failed", "http_404")
    assert len(run.warnings) == 1
    assert run.warnings[0].startswith("sitemap: 'nonsense' has no http")


@pytest.mark.parametrize("fields", [{"scope": "page"}, {"max_depth": 0}])
def test_seeds_that_follow_no_links_read_none(web: FakeWeb, crawl: Crawl, fields: dict[str, object]) -> None:
    web.robots = "Sitemap: /map.xml\n"
    web.on("/map.xml", urlset(entry(f"{web.url}/island/1")))
    run = crawl(sitemaps=f"{web.url}/map.xml", **fields)
    assert stored(run) == {"start"}
    assert run.discovered == 1


def test_a_broken_file_gives_what_can_be_read_and_a_warning(web: FakeWeb, crawl: Crawl) -> None:
    cut = urlset(entry(f"{web.url}/island/1"), entry(f"{web.url}/island/2"), "<url><loc>http").body
    web.robots = "Sitemap: /cut.xml\nSitemap: /page.xml\n"
    web.on("/cut.xml", Answer(body=str(cut).partition("http</urlset>")[0]))
    web.on("/page.xml", Answer(body="<html><a href='/island/5'>not found</a></html>"))
    run = crawl()
    assert stored(run) == {"start", "1", "2"}
    assert [warning.partition(": ")[0] for warning in sorted(run.warnings)] == [
        f"{web.url}/cut.xml",
        f"{web.url}/page.xml",
    ]


def test_a_large_file_is_read_though_a_page_could_not_be(web: FakeWeb, crawl: Crawl) -> None:
    large = f"<!--{'x' * (settings.MAX_BODY_BYTES + 1)}-->"
    web.robots = "Sitemap: /map.xml\n"
    web.on("/map.xml", urlset(large, entry(f"{web.url}/island/1")))
    web.on("/island/1", Answer(body=f"<p>{large}"))
    run = crawl()
    assert outcomes(run)[f"{web.url}/map.xml"] == ("skipped", "sitemap")
    assert outcomes(run)[f"{web.url}/island/1"] == ("failed", "too_large")


def test_a_start_url_that_robots_forbids_has_sitemaps_all_the_same(web: FakeWeb, crawl: Crawl) -> None:
    web.robots = "User-agent: *\nDisallow: /$\nSitemap: /map.xml\n"
    web.on("/map.xml", urlset(entry(f"{web.url}/island/1")))
    assert stored(crawl()) == {"1"}
    assert web.seen("/") == []


def test_a_sitemap_that_fails_first_is_tried_again(web: FakeWeb, crawl: Crawl) -> None:
    web.robots = "Sitemap: /map.xml\n"
    web.on("/map.xml", Answer(500), urlset(entry(f"{web.url}/island/1")))
    run = crawl()
    assert stored(run) == {"start", "1"}
    assert Visit.objects.get(kind=VisitKind.SITEMAP).attempts == 2


def test_sitemaps_take_no_place_in_the_page_limit(web: FakeWeb, crawl: Crawl) -> None:
    web.robots = "Sitemap: /map.xml\nSitemap: /empty.xml\n"
    web.on("/map.xml", urlset(*(entry(f"{web.url}/island/{number}") for number in range(6))))
    web.on("/empty.xml", urlset())
    run = crawl(max_pages=3)
    assert run.stored == 3
    assert run.limits == {"max_pages": 4}


def test_a_page_found_before_learns_its_date(web: FakeWeb, crawl: Crawl) -> None:
    web.robots = "Sitemap: /map.xml\n"
    web.on("/", Answer(body='<a href="/island/1">1</a>'))
    web.on("/map.xml", urlset(entry(f"{web.url}/island/1", "2024-05-06"), entry(f"{web.url}/", "2024-05-07")))
    crawl()
    dates = dict(Page.objects.values_list("url", "lastmod"))
    assert dates == {
        f"{web.url}/": datetime(2024, 5, 7, tzinfo=UTC),
        f"{web.url}/island/1": datetime(2024, 5, 6, tzinfo=UTC),
    }
    assert dict(Visit.objects.filter(kind=VisitKind.PAGE).values_list("url", "lastmod")) == dates


def test_indexes_without_end_are_bounded_and_named(
    web: FakeWeb, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_SITEMAPS", 7)
    web.robots = "Sitemap: /deep/0.xml\nSitemap: /wide.xml\n"
    for number in range(20):
        web.on(f"/deep/{number}.xml", index(f"{web.url}/deep/{number + 1}.xml"))
    web.on("/wide.xml", index(*(f"{web.url}/w/{number}.xml" for number in range(100))))
    run = crawl()
    assert Visit.objects.filter(kind=VisitKind.SITEMAP).count() == 7
    assert run.limits["max_sitemaps"] >= 95


def test_nesting_ends_like_redirects(web: FakeWeb, crawl: Crawl) -> None:
    web.robots = "Sitemap: /deep/0.xml\n"
    for number in range(20):
        web.on(f"/deep/{number}.xml", index(f"{web.url}/deep/{number + 1}.xml"))
    run = crawl()
    assert Visit.objects.filter(kind=VisitKind.SITEMAP).count() == 11
    assert run.limits == {"max_sitemaps": 1}


def test_long_lists_are_admitted_in_short_transactions(
    web: FakeWeb, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap_parts, "PART", 4)
    web.robots = "User-agent: *\nDisallow: /far\nSitemap: /map.xml\n"
    web.on("/map.xml", urlset(*(entry(f"{web.url}/far/{number}") for number in range(30))))
    run = crawl()
    assert run.discovered == 32
    assert Visit.objects.filter(reason="robots").count() == 30


def test_a_url_may_be_a_sitemap_and_a_page(web: FakeWeb, crawl: Crawl, valkey: redis.Redis) -> None:
    web.on("/feed", Answer(body=f"<rss><item><link>{web.url}/island/3</link></item></rss>", etag='"1"'))
    web.on("/map.xml", redirect("/island/1"))  # gone, and the site says so in its own way
    run = crawl(
        sitemaps=f"{web.url}/feed\n{web.url}/map.xml", start_urls=f"{web.url}/feed\n{web.url}/island/1"
    )
    assert (run.stored, run.skipped, run.redirected, run.discovered) == (3, 2, 1, 6)
    assert Page.objects.filter(url=f"{web.url}/feed").exists()
    again = crawl_seed(Seed.objects.get(), valkey)
    assert (again.stored, again.unchanged) == (0, 3)
    assert sorted(seen.status or 0 for seen in web.seen("/feed")) == [200, 200, 200, 304]
