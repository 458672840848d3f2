"""Rules of fields that change: a page that did not is read again from the archive, and has no new version."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from catalog.models import Page, Reading, Record, Run, Seed, Snapshot
from pipelines.export import page_rows
from pipelines.parse.stored import StoredBodies, StoredBody
from pipelines.runs import pause_run, resume_run, settle_run
from pipelines.store.batch import NOT_READ_AGAIN
from tests.factories import make_web_seed, open_run
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.path import crawl_seed, drive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
PAGES = 12
TITLE, PRICE = {"name": "title", "css": "h1::text"}, {"name": "price", "css": ".price"}
Crawl = Callable[..., Run]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb(linked_site(pages=PAGES)) as server:
        yield server


@pytest.fixture
def seed(web: FakeWeb) -> Seed:
    return make_web_seed(web, fields=[TITLE])


@pytest.fixture
def crawl(seed: Seed, valkey: redis.Redis) -> Crawl:
    """Crawl the seed by these rules, to the end."""

    def crawl(*fields: dict[str, str]) -> Run:
        seed.fields = list(fields)
        seed.save()
        return crawl_seed(seed, valkey)

    return crawl


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The versions whose stored bodies are read."""
    read, seen = StoredBodies.read, []

    def noted(self: StoredBodies, snapshot_id: int, *, headers: bool) -> StoredBody:
        seen.append(snapshot_id)
        return read(self, snapshot_id, headers=headers)

    monkeypatch.setattr(StoredBodies, "read", noted)
    return seen


def names_read(seed: Seed) -> set[tuple[str, ...]]:
    """The names of fields that the pages of a seed have now."""
    rows = list(page_rows(seed))
    assert len(rows) == PAGES
    return {tuple(row["fields"]) for row in rows}


@pytest.mark.parametrize("validators", [True, False])
def test_only_what_rules_have_not_read_is_read_again(
    web: FakeWeb, seed: Seed, crawl: Crawl, reads: list[int], validators: bool
) -> None:
    web.site.validators = validators
    crawl(TITLE)
    assert crawl(TITLE).unchanged == PAGES
    assert reads == []
    run = crawl(TITLE, PRICE)
    assert (run.unchanged, run.stored) == (PAGES, 0)
    assert sorted(reads) == sorted(Snapshot.objects.values_list("pk", flat=True))
    assert sum(seen.status == 304 for seen in web.requests) == (2 * PAGES if validators else 0)
    assert names_read(seed) == {("title", "price")}
    read = Record.objects.filter(rule_set=run.rule_set).values_list("page__url", "values")
    assert dict(read) == {
        web.url + web.site.path(n): {"title": web.site.title(n), "price": web.site.price(n)}
        for n in range(PAGES)
    }
    assert set(Page.objects.values_list("rule_set", "versions")) == {(run.rule_set_id, 1)}
    assert crawl(TITLE, PRICE).unchanged == len(reads) == PAGES
    assert Reading.objects.count() == 2 * PAGES


def test_new_content_has_one_record_by_the_rules_of_its_run(
    web: FakeWeb, seed: Seed, crawl: Crawl, reads: list[int]
) -> None:
    crawl(TITLE)
    web.site.version = 2
    run = crawl(PRICE)
    assert (run.stored, reads) == (PAGES, [])
    assert Reading.objects.filter(snapshot__run=run, rule_set=run.rule_set).count() == PAGES
    assert Reading.objects.count() == Snapshot.objects.count() == 2 * PAGES


def test_who_goes_back_to_earlier_rules_has_their_values_at_once(seed: Seed, crawl: Crawl) -> None:
    first = crawl(TITLE)
    crawl(PRICE)
    assert names_read(seed) == {("price",)}
    again = crawl(TITLE)
    assert names_read(seed) == {("title",)}
    assert again.rule_set == first.rule_set
    assert Reading.objects.count() == 2 * PAGES
    assert set(Page.objects.values_list("rule_set", flat=True)) == {first.rule_set_id}


def test_a_seed_that_has_no_fields_any_more_reads_nothing(seed: Seed, crawl: Crawl, reads: list[int]) -> None:
    crawl(TITLE)
    run = crawl()
    assert (run.unchanged, run.rule_set, reads) == (PAGES, None, [])
    assert crawl(TITLE).unchanged == PAGES
    assert (reads, Reading.objects.count(), Record.objects.count()) == ([], PAGES, PAGES)


def test_first_fields_are_read_from_pages_that_had_none(seed: Seed, crawl: Crawl) -> None:
    crawl()
    assert not Record.objects.exists()
    assert not Reading.objects.exists()
    assert crawl(TITLE).unchanged == PAGES
    assert names_read(seed) == {("title",)}


@pytest.mark.parametrize("damage", ["lost", "broken"])
def test_what_cannot_be_read_again_fails_nothing(
    seed: Seed, crawl: Crawl, archive: Path, damage: str
) -> None:
    old = crawl(TITLE).rule_set_id
    for segment in list(archive.rglob("segment.warc.gz")):
        if damage == "lost":
            shutil.rmtree(segment.parent)
        else:
            segment.write_bytes(bytes(segment.stat().st_size))
    run = crawl(PRICE)
    assert (run.unchanged, run.failed, run.warnings) == (PAGES, 0, [NOT_READ_AGAIN])
    assert Reading.objects.count() == PAGES
    assert set(Page.objects.values_list("rule_set", flat=True)) == {old}
    assert names_read(seed) == {("title",)}


def test_a_page_that_breaks_the_rules_costs_only_its_own_record(
    web: FakeWeb, seed: Seed, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(TITLE)
    (page,) = Page.objects.filter(url=web.url + "/p/3")
    read = StoredBodies.read

    def breaks(self: StoredBodies, snapshot_id: int, *, headers: bool) -> StoredBody:
        if snapshot_id == page.latest_id:
            raise RuntimeError("a bug")
        return read(self, snapshot_id, headers=headers)

    monkeypatch.setattr(StoredBodies, "read", breaks)
    run = crawl(PRICE)
    assert (run.unchanged, run.warnings) == (PAGES, [NOT_READ_AGAIN])
    assert Record.objects.filter(rule_set=run.rule_set).count() == PAGES - 1


def test_an_old_run_that_is_resumed_does_not_bring_old_values_back(
    web: FakeWeb, seed: Seed, crawl: Crawl, valkey: redis.Redis
) -> None:
    crawl(TITLE)
    seed.fields = [PRICE]
    seed.save()
    old = open_run(seed, Run.Kind.MANUAL, at=timezone.now())
    assert pause_run(old)
    settle_run(old.pk, timezone.now())
    new = crawl(TITLE, PRICE)
    old.refresh_from_db()
    assert resume_run(old)
    settle_run(old.pk, timezone.now())
    drive(old, valkey)
    assert (new.unchanged, old.unchanged) == (PAGES, PAGES)
    assert names_read(seed) == {("title", "price")}
    assert {tuple(row["fields"]) for row in page_rows(run=old)} == {("price",)}
    crawl(TITLE, PRICE)
    assert Reading.objects.count() == 3 * PAGES
    assert Record.objects.count() == PAGES
