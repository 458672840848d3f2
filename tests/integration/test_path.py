"""The path without Celery: a session fetches, every batch is parsed and stored at once, hosts are woken."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from crawler.records import Lane, Outcome
from djsite.catalog.models import Attempt, Batch, Host, Page, Record, Run, Seed, Snapshot, Visit
from pipelines import archive as store_of_objects
from pipelines.fetch.session import Plan, Summary, run_session
from pipelines.fetch.wakes import CHANNEL
from pipelines.parse import parse_batch
from pipelines.runs import create_run, reconcile_counters, start_run
from pipelines.store import store_batch
from tests.fakeweb import Answer, FakeWeb, linked_site, redirect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb(linked_site(pages=40)) as server:
        yield server


@pytest.fixture
def crawl(web: FakeWeb, valkey: redis.Redis) -> Callable[..., Run]:
    """Crawl a seed of the web to its end, and check what must hold after every crawl."""

    def publish(batch: Batch) -> None:
        assert parse_batch(batch.pk, timezone.now())
        stored = store_batch(batch.pk, timezone.now())
        for lane, host_ids in stored.wake.items():
            valkey.publish(CHANNEL, json.dumps({"lane": int(lane), "hosts": sorted(host_ids)}))

    def session(seconds: float = 20) -> Summary:
        plan = Plan(Lane.NORMAL, owner="w1", publish=publish, stopping=lambda: False, seconds=seconds)
        return run_session(plan)

    def crawl(seed: Seed | None = None, **seed_fields: object) -> Run:
        seed = seed or make_seed(web, **seed_fields)
        run = create_run(seed, Run.Kind.SCHEDULED, timezone.now(), timezone.now())
        assert run is not None
        start_run(run, timezone.now())
        deadline = time.monotonic() + 60
        while run.state != Run.State.FINISHED and time.monotonic() < deadline:
            session()
            run.refresh_from_db()
        must_hold(run)
        return run

    return crawl


def make_seed(web: FakeWeb, **fields: object) -> Seed:
    defaults: dict[str, object] = {
        "name": "site",
        "start_urls": web.url + "/",
        "schedule": "manual",
        "delay": 0,
        "per_host": 8,
        "allow_networks": "127.0.0.0/8",
        "fields": [{"name": "title", "css": "h1::text"}],
    }
    return Seed.objects.create(**(defaults | fields))


def must_hold(run: Run) -> None:
    """What is true of every finished run, whatever happened."""
    assert run.state == Run.State.FINISHED
    assert run.discovered == run.done == Visit.objects.filter(run=run).count()
    assert reconcile_counters(run) == {}
    assert not Host.objects.exclude(lease_token="").exists()
    assert not Batch.objects.exclude(state=Batch.State.STORED).exists()
    assert run.stored == Snapshot.objects.filter(run=run).count()


def outcomes(run: Run) -> dict[str, tuple[str, str | None]]:
    return {
        visit.url: (Outcome(visit.outcome or 0).label, visit.reason)
        for visit in Visit.objects.filter(run=run)
    }


def test_every_page_is_stored_once_and_robots_is_obeyed(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    run = crawl()
    assert run.stored == 40
    assert sorted(Page.objects.values_list("url", flat=True)) == sorted(
        web.url + path
        for path in web.site.paths  # type: ignore[union-attr]
    )
    paths = [seen.path for seen in web.requests]
    assert not [path for path in paths if path.startswith("/private/")]
    assert paths.count("/robots.txt") == 1
    assert run.skipped == Visit.objects.filter(run=run, reason="robots").count() > 0
    record = Record.objects.get(page__url=web.url + "/p/3")
    assert record.data == {"title": "Page 3 of site 0"}
    snapshot = record.snapshot
    body = store_of_objects.read_record_body(snapshot.batch.folder, snapshot.offset, snapshot.length)
    assert b"<title>Page 3 of site 0</title>" in body
    assert "Page 3 of site 0" in snapshot.text
    assert run.out_of_scope > 0
    assert run.out_of_scope_sample == ["http://elsewhere.invalid/"]


def test_a_second_run_finds_what_changed(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    first = crawl()
    again = crawl(Seed.objects.get())
    assert (again.unchanged, again.stored) == (first.stored, 0)
    assert sum(seen.status == 304 for seen in web.requests) == first.stored
    web.site.version = 2  # type: ignore[union-attr]
    changed = crawl(Seed.objects.get())
    assert (changed.unchanged, changed.stored) == (0, first.stored)
    assert set(Page.objects.values_list("versions", flat=True)) == {2}


def test_other_field_rules_make_new_versions(web: FakeWeb, crawl: Callable[..., Run]) -> None:
    crawl()
    seed = Seed.objects.get()
    seed.fields = [{"name": "price", "css": ".price"}]
    seed.save()
    run = crawl(seed)
    assert run.stored == 40
    assert set(Record.objects.filter(snapshot__run=run).values_list("data__price", flat=True)) != {None}


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
    assert min(gaps) >= 0.149


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
