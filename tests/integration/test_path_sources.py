"""Documents that are no HTML, through the whole path."""

from __future__ import annotations

import msgspec
import pytest
import redis

from catalog.models import Page, Seed, Snapshot, Visit
from crawler.collections import Collection
from crawler.policy import CrawlPolicy
from crawler.reading.reader import read_document
from pipelines.archive import read_body
from tests.fakeweb import Answer, FakeWeb
from tests.fakeweb.documents import Rows, ods, pdf, sparse_sheet, xlsx
from tests.harness.path import Crawl, crawl_seed, outcomes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]

ROWS: Rows = [["name", "price"], ["lamp", 12]]
OBJECTS = [{"name": "lamp", "price": 12}]
FEED = "<rss><channel><title>News</title><item><title>One</title><link>/news/1</link></item></channel></rss>"
SOURCES = {
    "/api.json": (Answer(body='[{"name": "lamp", "price": 12}]', content_type="application/json"), OBJECTS),
    "/lines": (Answer(body='{"name": "lamp", "price": 12}\n', content_type="application/x-ndjson"), OBJECTS),
    "/prices.csv": (
        Answer(body="name;price\nlamp;12\n", content_type="application/octet-stream"),
        [{"name": "lamp", "price": "12"}],
    ),
    "/prices.xlsx": (Answer(body=xlsx({"One": ROWS}), content_type="application/octet-stream"), OBJECTS),
    "/prices.ods": (
        Answer(body=ods(ROWS), content_type="application/vnd.oasis.opendocument.spreadsheet"),
        OBJECTS,
    ),
}


def data_of(snapshot: Snapshot) -> object:
    """What is read from the stored body."""
    body = read_body(snapshot.batch.folder, snapshot.offset, snapshot.length)
    return read_document(body, snapshot.content_type, "").data


def test_each_source_is_stored_with_its_text_and_read_again_from_the_archive(
    web: FakeWeb, crawl: Crawl, valkey: redis.Redis
) -> None:
    for path, (answer, _) in SOURCES.items():
        web.on(path, answer)
    run = crawl(start_urls="\n".join(web.url + path for path in SOURCES), scope="page", fields=[])
    assert outcomes(run) == {web.url + path: ("stored", None) for path in SOURCES}
    for snapshot in Snapshot.objects.select_related("batch"):
        assert data_of(snapshot) == SOURCES[snapshot.final_url.removeprefix(web.url)][1]
        assert "lamp" in snapshot.text
    again = crawl_seed(Seed.objects.get(), valkey)
    assert (again.unchanged, again.stored) == (len(SOURCES), 0)


def test_the_links_of_a_feed_and_of_a_pdf_are_followed(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/feed", Answer(body=FEED, content_type="application/rss+xml"))
    web.on("/news/1", Answer(body="<title>One</title>"))
    paper = pdf(["A page"], title="Paper", link=f"{web.url}/more")
    web.on("/a.pdf", Answer(body=paper, content_type="application/pdf"))
    web.on("/more", Answer(body="<title>More</title>"))
    run = crawl(start_urls=f"{web.url}/feed\n{web.url}/a.pdf")
    assert {url for url, (outcome, _) in outcomes(run).items() if outcome == "stored"} == {
        web.url + path for path in ("/feed", "/news/1", "/a.pdf", "/more")
    }
    assert Snapshot.objects.get(title="Paper").text == "A page"


def test_files_that_pages_link_to_are_left_out_before_their_bodies_come(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/", Answer(body='<a href="/a.pdf">x</a><a href="/b.json">x</a>'))
    web.on("/a.pdf", Answer(body=pdf(["words"]), content_type="application/pdf"))
    web.on("/b.json", Answer(body="{}", content_type="application/json"))
    run = crawl()
    assert outcomes(run)[web.url + "/a.pdf"] == ("skipped", "content_type")
    assert outcomes(run)[web.url + "/b.json"] == ("stored", None)


def test_files_are_taken_on_the_pages_that_a_collection_names(
    web: FakeWeb, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.on("/", Answer(body='<a href="/papers/a.pdf">x</a><a href="/b.pdf">x</a>'))
    web.on("/papers/a.pdf", Answer(body=pdf(["words"]), content_type="application/pdf"))
    web.on("/b.pdf", Answer(body=pdf(["words"]), content_type="application/pdf"))
    papers = Collection.of({"name": "papers", "pages": ["*/papers/*.pdf"], "fields": []})
    plain = Seed.policy

    def policy(seed: Seed) -> CrawlPolicy:
        return msgspec.structs.replace(plain(seed), collections=(papers,))

    monkeypatch.setattr(Seed, "policy", policy)
    run = crawl()
    assert outcomes(run)[web.url + "/papers/a.pdf"] == ("stored", None)
    assert outcomes(run)[web.url + "/b.pdf"] == ("skipped", "content_type")


def test_what_cannot_be_read_keeps_the_version_that_was_there_and_says_why(
    web: FakeWeb, crawl: Crawl, valkey: redis.Redis
) -> None:
    web.on(
        "/api",
        Answer(body='{"a": 1}', content_type="application/json"),
        Answer(body="<p>Log in", content_type="application/json"),
    )
    crawl(start_urls=f"{web.url}/api", scope="page", name="one")
    run = crawl_seed(Seed.objects.get(), valkey)
    visit = Visit.objects.get(run=run)
    assert outcomes(run) == {f"{web.url}/api": ("failed", "unreadable")}
    assert visit.detail.startswith("The type is application/json, but this is no JSON: ")
    assert Page.objects.get().versions == 1


def test_deadly_documents_end_with_a_reason_and_others_are_stored(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/", Answer(body="<title>well</title>"))
    web.on("/bomb.xlsx", Answer(body=sparse_sheet(), content_type="application/octet-stream"))
    web.on("/deep", Answer(body="[" * 1_000_000, content_type="application/json"))
    run = crawl(start_urls=f"{web.url}/\n{web.url}/bomb.xlsx\n{web.url}/deep", scope="page")
    assert outcomes(run) == {
        f"{web.url}/": ("stored", None),
        f"{web.url}/bomb.xlsx": ("failed", "unreadable"),
        f"{web.url}/deep": ("failed", "unreadable"),
    }
