"""Pages that answer 404 or 410: the second such answer in a row takes a page and its records away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import redis
from django.utils import timezone

from catalog.models import ChangeSet, Page, Record, RecordVersion, Seed
from pipelines.changes import START, Cursor, read_changes
from pipelines.changes.gone import compare_run, runs_to_compare
from pipelines.store.identity import hash_of_key
from tests.factories import make_web_seed
from tests.fakeweb import Answer, FakeWeb, redirect
from tests.fakeweb.sites.shop import Shop
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]


@pytest.fixture
def site() -> Shop:
    return Shop(size=12)


@pytest.fixture
def web(site: Shop) -> Iterator[FakeWeb]:
    with FakeWeb(site) as server:
        site.base = server.url
        yield server


@pytest.fixture
def seed(web: FakeWeb, site: Shop) -> Seed:
    """Two pages only: an item that goes and a list that shows it at first."""
    urls = [f"{web.url}{going(site)}", f"{web.url}/picks"]
    rules = site.collections("a")
    return make_web_seed(web, start_urls="\n".join(urls), scope="page", fields=[], collections=rules)


def going(site: Shop) -> str:
    """The path of an item that is there at revision 0 only."""
    number = min(set(site.numbers(0)) - set(site.numbers(1)))
    return site.fact(number, 0).path


@pytest.fixture
def page(site: Shop, web: FakeWeb, seed: Seed, valkey: redis.Redis) -> Page:
    """Of the item, crawled once."""
    crawl_seed(seed, valkey)
    page = Page.objects.get(url=f"{web.url}{going(site)}")
    assert page.records.get().gone_at is None
    return page


def state(page: Page) -> tuple[int, datetime | None, datetime | None]:
    """Answers that say there is no such page; since when it is gone, and since when its record."""
    page.refresh_from_db()
    return page.gone_answers, page.gone_at, page.records.get().gone_at


def changes(since: str) -> list[tuple[str, str]]:
    return [(each.kind, each.of) for each in read_changes(Cursor.parse(since)) if "/item/" in each.url]


def last_cursor() -> str:
    return [*read_changes(START)][-1].cursor


@pytest.mark.parametrize("status", [404, 410])
def test_the_second_answer_in_a_row_makes_a_page_and_its_records_gone(
    site: Shop, web: FakeWeb, seed: Seed, valkey: redis.Redis, page: Page, status: int
) -> None:
    before = last_cursor()
    web.on(going(site), Answer(status))
    crawl_seed(seed, valkey)
    assert state(page) == (1, None, None)
    assert changes(before) == []
    crawl_seed(seed, valkey)
    answers, gone_at, record_gone_at = state(page)
    assert (answers, gone_at is not None, record_gone_at) == (2, True, gone_at)
    assert changes(before) == [("gone", "page"), ("gone", "record")]
    sets = ChangeSet.objects.count()
    crawl_seed(seed, valkey)
    assert state(page) == (2, gone_at, gone_at)
    assert ChangeSet.objects.count() == sets


def test_an_answer_with_the_page_in_between_begins_the_count_anew(
    site: Shop, web: FakeWeb, seed: Seed, valkey: redis.Redis, page: Page
) -> None:
    for answer in (Answer(404), None, Answer(404)):
        web.on(going(site), answer or site_answer(site))
        crawl_seed(seed, valkey)
    assert state(page) == (1, None, None)


@pytest.mark.parametrize("between", [Answer(403), Answer(451), redirect("/picks")])
def test_an_answer_that_says_nothing_of_the_page_leaves_the_count_as_it_is(
    site: Shop, web: FakeWeb, seed: Seed, valkey: redis.Redis, page: Page, between: Answer
) -> None:
    for answer in (Answer(404), between):
        web.on(going(site), answer)
        crawl_seed(seed, valkey)
        assert state(page) == (1, None, None)
    web.on(going(site), Answer(410))
    crawl_seed(seed, valkey)
    assert state(page)[1] is not None


def test_a_page_that_is_back_unchanged_is_new_and_so_is_what_it_shows(
    site: Shop, web: FakeWeb, seed: Seed, valkey: redis.Redis, page: Page
) -> None:
    values = page.records.get().values
    web.on(going(site), Answer(404))
    for _ in range(2):
        crawl_seed(seed, valkey)
    before = last_cursor()
    web.on(going(site), site_answer(site))
    crawl_seed(seed, valkey)
    assert state(page) == (0, None, None)
    assert changes(before) == [("new", "page"), ("new", "record")]
    assert page.records.get().values == values
    assert not RecordVersion.objects.exists()
    assert page.versions == 1


def test_what_another_page_shows_too_moves_there(site: Shop, web: FakeWeb, valkey: redis.Redis) -> None:
    urls = f"{web.url}/list?page=1\n{web.url}/list?page=2\n{web.url}/picks"
    rules = [{**site.collections("a")[0], "next": None}]
    seed = make_web_seed(web, start_urls=urls, scope="page", fields=[], collections=rules)
    crawl_seed(seed, valkey)
    picks = Page.objects.get(url=f"{web.url}/picks")
    shown = [hash_of_key(record.key) for record in site.expected("/picks", 0, "a")]
    assert Record.objects.filter(key_hash__in=shown).count() == len(shown) == 5
    assert all(record.also_on for record in Record.objects.filter(key_hash__in=shown))
    web.on("/picks", Answer(410))
    for _ in range(2):
        crawl_seed(seed, valkey)
    picks.refresh_from_db()
    assert picks.gone_at is not None
    for record in Record.objects.filter(key_hash__in=shown):
        assert (record.gone_at, record.also_on, "/list" in record.page.url) == (None, [], True)


def test_a_record_lives_on_where_its_page_has_moved_to(
    site: Shop, web: FakeWeb, seed: Seed, valkey: redis.Redis, page: Page
) -> None:
    web.on("/item/moved", site_answer(site))
    web.on(going(site), redirect("/item/moved", 301))
    for _ in range(2):
        crawl_seed(seed, valkey)
        for run_id in runs_to_compare():
            compare_run(run_id, timezone.now())
    page.refresh_from_db()
    record = Record.objects.get(page__url=f"{web.url}/item/moved")
    assert page.gone_at is not None
    assert (record.gone_at, record.also_on, Record.objects.filter(page=page).count()) == (None, [], 0)


def site_answer(site: Shop) -> Answer:
    reply = site.page(going(site), 0, "a")
    return Answer(reply.status, reply.body, content_type=reply.headers["Content-Type"])
