"""What a rereading has read is seen by nobody before it is promoted, and then as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Page, Reading, Record, Seed
from crawler.outcomes import Outcome
from djsite.desk.read.history import fields_of, versions_of
from pipelines.changes import START, Cursor, read_changes
from pipelines.export import page_rows
from pipelines.rereading import ask, drop, promote, slices
from tests.factories import NOW, Got, crawl, make_seed
from tests.integration.stored_shop import LAST, LATER, PRODUCTS, SITE, one_slice, used, with_rules, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
PAGES = {"name": "pages", "fields": [{"name": "title", "css": "h1"}]}
TEXT = "<h1>Old</h1><h2>New</h2>"
NEW_PAGES = {"name": "pages", "fields": [{"name": "title", "css": "h2"}]}


@pytest.fixture
def site() -> Seed:
    """Of one page with a title, which was read by a run."""
    seed = with_rules(make_seed("Site", start_urls=f"{SITE}/", fields=[]), PAGES)
    crawl(seed, [Got(f"{SITE}/", text=TEXT, fields={"title": "Old"})], at=NOW)
    return seed


def titles(seed: Seed) -> tuple[str, str]:
    """In an export, and in the history of the page."""
    (row,) = page_rows(seed)
    return row["fields"]["title"], fields_of(versions_of(Page.objects.get())[0])["title"]


def test_readings_are_shown_when_they_are_promoted(site: Seed) -> None:
    rereading = work(ask(with_rules(site, NEW_PAGES), LATER))
    assert Reading.objects.count() == 2
    assert titles(site) == ("Old", "Old")
    promote(rereading)
    work(rereading)
    assert titles(site) == ("New", "New")


def test_what_was_promoted_for_another_collection_is_not_shown(site: Seed) -> None:
    used(with_rules(site, NEW_PAGES, PRODUCTS), collection="products")
    assert titles(site) == ("Old", "Old")
    used(site)
    assert titles(site) == ("New", "New")


def test_a_reading_that_a_run_needs_too_is_shown_and_not_dropped(site: Seed) -> None:
    rereading = work(ask(with_rules(site, NEW_PAGES), LATER))
    crawl(site, [Got(f"{SITE}/", Outcome.UNCHANGED, fields={"title": "New"})], at=LAST)
    assert titles(site) == ("New", "New")
    drop(rereading)
    work(rereading)
    assert titles(site) == ("New", "New")


class Reader:
    """Reads the feed to its end, again and again; keeps what it was told of each record, by its page.

    While rereadings are promoted, changes are told from where it last had everything.
    """

    def __init__(self) -> None:
        self.cursor = START
        self.titles: dict[str, str] = {}
        self.base: dict[str, str] = {}  # titles when it last had everything

    def read(self) -> None:
        """What is new to it is told as new; what has changed, as it knew it before."""
        for change in read_changes(self.cursor):
            if change.of == "record":
                assert change.kind == ("changed" if change.url in self.base else "new")
                if change.kind == "changed":
                    assert change.old == {"title": self.base[change.url]}
                self.titles[change.url] = change.values["title"]
            self.cursor = Cursor.parse(change.cursor)
        if self.cursor.is_whole:
            self.base = dict(self.titles)


@pytest.mark.parametrize("collections", [[], [PAGES]])
def test_a_reader_of_the_feed_is_told_nothing_or_all(
    collections: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it read the feed before or not, and although a run stores a page in the middle."""
    monkeypatch.setattr(slices, "KEYS", 1)
    urls = [f"{SITE}/{name}" for name in "abc"]
    seed = with_rules(make_seed("Site", start_urls=f"{SITE}/", fields=[]), *collections)
    fields = {"title": "Old"} if collections else None
    crawl(seed, [Got(url, text=TEXT, fields=fields) for url in urls], at=NOW)
    reader, late = Reader(), Reader()
    reader.read()
    before = dict.fromkeys(urls, "Old") if collections else {}
    assert reader.titles == before
    rereading = work(ask(with_rules(seed, NEW_PAGES), LATER))
    promote(rereading)
    assert one_slice(rereading)
    rereading.refresh_from_db()
    first = Record.objects.get(changed_in=rereading.change_set).page.url
    for each in (reader, late):
        each.read()
        assert "New" not in each.titles.values()
    crawl(seed, [Got(first, text="<h2>Newer</h2>", fields={"title": "Newer"})], at=LATER)
    assert one_slice(rereading)
    for each in (reader, late):
        each.read()
        assert each.titles[first] == "Newer"
        assert "New" not in each.titles.values()
    assert reader.titles == {**before, first: "Newer"}
    work(rereading)
    crawl(seed, [Got(first, text="<h2>Newest</h2>", fields={"title": "Newest"})], at=LAST)
    for each in (reader, late):
        each.read()
        assert each.titles == dict.fromkeys(urls, "New") | {first: "Newest"}
        assert each.cursor.is_whole
    assert [change.kind for change in read_changes(reader.cursor)] == []
