"""Requests with a body that a seed gives, through the whole path."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
import redis
from django.utils import timezone
from warcio.archiveiterator import ArchiveIterator

from catalog.models import Attempt, Page, Seed, Snapshot
from djsite.desk.recrawls import recrawl_page
from pipelines.archive import SEGMENT, read_object
from tests.fakeweb import Answer, FakeWeb, Request
from tests.fakeweb.answers import Behaviour
from tests.fakeweb.misbehaviour import Raw
from tests.fakeweb.server import Seen
from tests.harness.path import Crawl, crawl_seed, drive, outcomes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]

JSON = "application/json"


def asked(web: FakeWeb, path: str = "/api") -> list[Seen]:
    return [seen for seen in web.seen(path) if seen.method != "GET"]


def _api(request: Request) -> Behaviour:
    """Answers a POST of JSON with what it asks for."""
    if request.method == "GET":
        return Answer(405)
    return Answer(body=json.dumps({"asked": json.loads(request.body)}), content_type=JSON, etag='"v1"')


def test_each_body_is_a_page_of_its_own_and_asked_without_conditions(
    web: FakeWeb, crawl: Crawl, valkey: redis.Redis
) -> None:
    web.route("/api", _api)
    web.on("/", Answer(body='<a href="/api#post-1">x</a>'))
    requests = [{"url": f"{web.url}/api", "json": {"page": n}} for n in (1, 2)]
    run = crawl(requests=requests, headers="X-Key: very-secret", fields=[])
    ends = outcomes(run)
    posts = [url for url in ends if "#post-" in url]
    assert [ends[url] for url in posts] == [("stored", None)] * 2
    assert ends[f"{web.url}/api"] == ("failed", "http_405")  # the link is a GET
    assert sorted(seen.body for seen in asked(web)) == ['{"page": 1}', '{"page": 2}']
    assert {seen.headers["content-type"] for seen in asked(web)} == {JSON}
    assert {seen.headers["x-key"] for seen in asked(web)} == {"very-secret"}
    assert set(Page.objects.values_list("url", flat=True)) == {*posts, f"{web.url}/"}
    again = crawl_seed(Seed.objects.get(), valkey)
    assert (again.unchanged, again.stored) == (3, 0)
    assert not [seen for seen in asked(web) if "if-none-match" in seen.headers]


def test_robots_txt_holds_for_it_as_for_any_page(web: FakeWeb, crawl: Crawl) -> None:
    web.robots = "User-agent: *\nDisallow: /api$"
    web.route("/api", _api)
    run = crawl(start_urls=f"{web.url}/x", scope="page", requests=[{"url": f"{web.url}/api", "json": {}}])
    assert ("skipped", "robots") in outcomes(run).values()
    assert not asked(web)


@pytest.mark.parametrize(
    ("status", "method", "body"), [(301, "GET", ""), (302, "GET", ""), (303, "GET", "")]
    + [(307, "POST", '{"a": 1}'), (308, "POST", '{"a": 1}')],
)  # fmt: skip
def test_a_redirect_keeps_the_method_or_makes_it_a_get(
    web: FakeWeb, crawl: Crawl, status: int, method: str, body: str
) -> None:
    web.on("/api", Answer(status, headers=(("Location", "/there"),)))
    web.on("/there", Answer(body="{}", content_type=JSON))
    run = crawl(
        start_urls=f"{web.url}/x", scope="page", requests=[{"url": f"{web.url}/api", "json": {"a": 1}}]
    )
    (seen,) = web.seen("/there")
    assert (seen.method, seen.body) == (method, body)
    assert run.stored == 1


@pytest.mark.parametrize(("safe", "times"), [(True, 2), (False, 1)])
@pytest.mark.parametrize("failure", [Answer(503), Raw(b"", end="close")], ids=["503", "lost"])
def test_it_is_asked_again_only_if_that_does_no_harm(
    web: FakeWeb, crawl: Crawl, safe: bool, times: int, failure: Behaviour
) -> None:
    web.on("/api", failure, Answer(body="{}", content_type=JSON))
    request = {"url": f"{web.url}/api", "json": {}, "safe": safe}
    run = crawl(start_urls=f"{web.url}/x", scope="page", requests=[request])
    assert len(asked(web)) == times
    (robots,) = web.seen("/robots.txt")
    if not safe:
        assert asked(web)[0].connection != robots.connection  # a kept connection may end as it is used
    assert Attempt.objects.count() == times - 1
    assert run.stored == times - 1


def test_the_archive_has_its_method_and_its_body_and_no_secret(web: FakeWeb, crawl: Crawl) -> None:
    web.route("/api", _api)
    request = {"url": f"{web.url}/api?x=1", "json": {"a": 1}}
    crawl(start_urls=f"{web.url}/x", scope="page", requests=[request], headers="X-Key: very-secret")
    snapshot = Snapshot.objects.get()
    segment = read_object(snapshot.batch.folder, SEGMENT)
    records = {}
    for record in ArchiveIterator(BytesIO(segment)):
        records[record.rec_type] = (record.rec_headers, record.http_headers, record.content_stream().read())
    head, http, body = records["request"]
    assert (http.protocol, http.statusline, body) == ("POST", "/api?x=1 HTTP/1.1", b'{"a": 1}')
    assert head["WARC-Concurrent-To"] == records["response"][0]["WARC-Record-ID"]
    assert head["WARC-Target-URI"] == records["response"][0]["WARC-Target-URI"] == f"{web.url}/api?x=1"
    assert "very-secret" not in str(records)


def _recrawled(valkey: redis.Redis) -> tuple[str, str | None]:
    """What came of the one page of a recrawl of it."""
    (ordered,) = recrawl_page(Page.objects.get(), timezone.now()).ordered
    (end,) = outcomes(drive(ordered.run, valkey)).values()
    return end


def test_its_page_is_crawled_again_with_its_body_as_long_as_the_seed_gives_it(
    web: FakeWeb, crawl: Crawl, valkey: redis.Redis
) -> None:
    web.route("/api", _api)
    crawl(start_urls=f"{web.url}/x", scope="page", requests=[{"url": f"{web.url}/api", "json": {}}])
    assert _recrawled(valkey) == ("unchanged", None)
    Seed.objects.update(requests=[])
    assert _recrawled(valkey) == ("failed", "bad_url")
    assert [seen.method for seen in web.seen("/api")] == ["POST", "POST"]


def test_an_address_that_cannot_be_used_is_a_warning(web: FakeWeb, crawl: Crawl) -> None:
    run = crawl(start_urls=f"{web.url}/", scope="page", requests=[{"url": "ftp://x/", "json": {}}])
    assert [warning for warning in run.warnings if warning.startswith("request: 'ftp://x/'")]
    assert run.discovered == 1
