"""The path without Celery, on real databases and a web of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from catalog.models import Attempt, Host, Page, Record, Run, Seed, Snapshot, Visit
from pipelines import archive as store_of_objects
from tests.factories import make_web_seed
from tests.fakeweb import Answer, FakeWeb, linked_site, redirect
from tests.harness.path import crawl_seed, outcomes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb(linked_site(pages=40)) as server:
        yield server


@pytest.fixture
def crawl(web: FakeWeb, valkey: redis.Redis) -> Callable[..., Run]:
    """Crawl a seed of the web to its end, and check what must hold after every crawl."""

    def crawl(seed: Seed | None = None, **seed_fields: object) -> Run:
        return crawl_seed(seed or make_web_seed(web, **seed_fields), valkey)

    return crawl


def test_every_page_is_stored_once_and_robots_is_obeyed(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    run = crawl()
    assert run.stored == 40
    assert sorted(Page.objects.values_list("url", flat=True)) == sorted(
        web.url + path for path in web.site.paths
    )
    paths = [seen.path for seen in web.requests]
    assert not [path for path in paths if path.startswith("/private/")]
    assert paths.count("/robots.txt") == 1
    assert run.skipped == Visit.objects.filter(run=run, reason="robots").count() > 0
    record = Record.objects.get(page__url=web.url + "/p/3")
    assert record.values == {"title": "Page 3 of site 0"}
    snapshot = record.snapshot
    body = store_of_objects.read_body(snapshot.batch.folder, snapshot.offset, snapshot.length)
    assert b"<title>Page 3 of site 0</title>" in body
    assert "Page 3 of site 0" in snapshot.text
    assert run.out_of_scope > 0
    assert run.out_of_scope_sample == ["http://elsewhere.invalid/"]


def test_a_second_run_finds_what_changed(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    first = crawl()
    again = crawl(Seed.objects.get())
    assert (again.unchanged, again.stored) == (first.stored, 0)
    assert sum(seen.status == 304 for seen in web.requests) == first.stored
    web.site.version = 2
    changed = crawl(Seed.objects.get())
    assert (changed.unchanged, changed.stored) == (0, first.stored)
    assert set(Page.objects.values_list("versions", flat=True)) == {2}


def test_other_field_rules_make_new_records_and_no_versions(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    crawl()
    seed = Seed.objects.get()
    seed.fields = [{"name": "price", "css": ".price"}]
    seed.save()
    run = crawl(seed)
    assert (run.unchanged, run.stored) == (40, 0)
    assert sum(seen.status == 304 for seen in web.requests) == 40
    assert Snapshot.objects.count() == 40
    read = Record.objects.filter(rule_set=run.rule_set).values_list("page__url", "values")
    assert dict(read) == {web.url + web.site.path(n): {"price": web.site.price(n)} for n in range(40)}


def test_a_redirect_is_stored_under_its_target_once(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    web.on("/start", redirect("/p/1"))
    run = crawl(start_urls=f"{web.url}/start\n{web.url}/p/1", scope="page")
    assert outcomes(run) == {
        web.url + "/start": ("redirected", None),
        web.url + "/p/1": ("stored", None),
    }
    assert [seen.path for seen in web.requests].count("/p/1") == 1


def test_redirects_that_lead_nowhere_end(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    web.on("/self", redirect("/self"))
    for n in range(15):
        web.on(f"/hop/{n}", redirect(f"/hop/{n + 1}"))
    run = crawl(start_urls=f"{web.url}/self\n{web.url}/hop/0")
    found = outcomes(run)
    assert found[web.url + "/self"] == ("failed", "redirect_loop")
    assert found[web.url + "/hop/10"] == ("failed", "too_many_redirects")
    assert "/hop/11" not in [seen.path for seen in web.requests]


def test_transient_failures_are_tried_again_and_written_down(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    web.on("/flaky", Answer(503), Answer(body="<h1>well again</h1>"))
    run = crawl(start_urls=web.url + "/flaky", scope="page")
    assert outcomes(run) == {web.url + "/flaky": ("stored", None)}
    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.reason, attempt.status) == (1, "http_503", 503)
    assert Visit.objects.get().attempts == 2


def test_a_redirect_to_the_same_resource_is_followed_by_the_same_visit(
    web: FakeWeb, crawl: Callable[..., Run]
) -> None:
    web.on("/p/1", redirect("/p/1?lang=en"), Answer(body="<h1>one</h1>"))
    run = crawl(start_urls=web.url + "/p/1?utm_source=mail", scope="page", ignore_params="lang")
    assert outcomes(run) == {web.url + "/p/1?lang=en": ("stored", None)}
    visit = Visit.objects.get()
    assert (visit.hops, visit.attempts) == (1, 1)
    assert Page.objects.get().url == web.url + "/p/1"


def test_what_a_seed_ignores_makes_one_page_of_many_urls(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    web.on("/", Answer(body="".join(f'<a href="/item?ref={n}&id=7">x</a>' for n in range(20))))
    web.on("/item", Answer(body="<p>seven"))
    run = crawl(ignore_params="ref")
    assert (run.stored, run.discovered) == (2, 2)
    assert Page.objects.filter(url=web.url + "/item?id=7").exists()
    again = crawl(Seed.objects.get())
    assert (again.unchanged, again.discovered) == (2, 2)


def test_user_and_password_reach_neither_table_nor_archive(
    web: FakeWeb, crawl: Callable[..., Run], archive: Path
) -> None:
    secret = web.url.replace("//", "//bob:very-secret@")
    web.on("/", Answer(body=f'<base href="{secret}/a/"><a href="b">b</a><a href="{secret}/c">c</a>'))
    web.on("/a/b", redirect(f"{secret}/d"))
    web.on("/c", Answer(body="c"))
    web.on("/d", Answer(body="d"))
    run = crawl(start_urls=f"{web.url}/\n{secret}/x\n{secret}:x/")
    assert set(outcomes(run)) == {web.url + path for path in ("/", "/a/b", "/c", "/d")}
    assert run.stored == 3
    assert len(run.warnings) == 2
    assert "use a header" in run.warnings[0]
    assert "very-secret" not in str([*Run.objects.values(), *Visit.objects.values(), *Page.objects.values()])
    assert not [seen for seen in web.requests if "authorization" in seen.headers]
    page = Snapshot.objects.get(final_url=web.url + "/")  # its own body is the site's word
    bodies = store_of_objects.read_body(page.batch.folder, page.offset, page.length)
    assert b"very-secret" in bodies
    assert all("very-secret" not in link.url for link in page.outlinks)


def test_queries_of_a_page_in_another_encoding_are_asked_for_as_browsers_do(
    web: FakeWeb, crawl: Callable[..., Run]
) -> None:
    body = '<meta charset="windows-1251"><a href="/find?q=\u043c\u0438\u0440&r=\u4e16">x</a>'
    web.on("/", Answer(body=body.encode("windows-1251", "ignore"), content_type="text/html"))
    web.on("/find", Answer(body="found"))
    crawl()
    assert [seen.path for seen in web.requests][2:] == ["/find?q=%EC%E8%F0&r="]


def test_robots_txt_is_kept_byte_for_byte(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    body = b"User-agent: *\nDisallow: /p/\xe4\n# \xe2\x82\xac \0\n"
    web.robots = Answer(body=body, content_type="text/plain")
    web.on("/", Answer(body='<a href="/p/%E4">no</a>'))
    run = crawl()
    assert outcomes(run)[web.url + "/p/%E4"] == ("skipped", "robots")
    host = Host.objects.get()
    assert host.robots_body.encode("latin-1") == body.replace(b"\0", b"")
    assert "\u20ac" in host.robots_text
    crawl(Seed.objects.get())
    assert len(web.seen("/robots.txt")) == 1


def test_permanent_failures_are_not_tried_again(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    web.on("/gone", Answer(410))
    web.on("/image", Answer(body="not text", content_type="image/png"))
    run = crawl(start_urls=f"{web.url}/gone\n{web.url}/image", scope="page")
    assert outcomes(run) == {
        web.url + "/gone": ("failed", "http_410"),
        web.url + "/image": ("skipped", "content_type"),
    }
    assert not Attempt.objects.exists()


def test_an_address_that_is_not_allowed_is_never_asked(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    run = crawl(allow_networks="")
    assert outcomes(run) == {web.url + "/": ("failed", "blocked_address")}
    assert web.requests == []


def test_the_delay_is_kept_between_requests(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    crawl(delay=0.15, per_host=1, max_pages=5)
    pages = [seen for seen in web.requests if seen.path != "/robots.txt"]
    gaps = [after.started - (before.finished or 0) for before, after in zip(pages, pages[1:], strict=False)]
    assert len(pages) == 5
    assert min(gaps) >= 0.14  # the web, a thread of this process, notes the end of an answer some ms late


def test_the_seed_s_headers_reach_the_site_and_not_the_archive(
    web: FakeWeb, crawl: Callable[..., Run], archive: Path
) -> None:
    crawl(start_urls=web.url + "/p/1", scope="page", headers="X-Key: very-secret")
    (page,) = [seen for seen in web.requests if seen.path == "/p/1"]
    assert page.headers["x-key"] == "very-secret"
    snapshot = Snapshot.objects.get()
    segment = store_of_objects.read_object(snapshot.batch.folder, store_of_objects.SEGMENT)
    assert segment
    for file in archive.rglob("*"):
        assert not file.is_file() or b"very-secret" not in file.read_bytes()


def test_the_batch_folder_keeps_the_segment_only(crawl: Callable[..., Run], archive: Path) -> None:
    crawl(max_pages=1)
    assert {path.name for path in archive.rglob("*") if path.is_file()} == {"segment.warc.gz"}


def test_settings_name_the_product() -> None:
    assert settings.USER_AGENT.startswith("Crawlbeat/")
