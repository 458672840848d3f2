"""Events say what the site did, once, in the transaction that made it so; of our rules they say nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Event, Page, Record, Run
from crawler.reading.record import ReadRecord
from pipelines.changes.gone import compare_run
from pipelines.quality.measure import measure_run
from pipelines.store import store_batch
from pipelines.store.changes import Changes
from pipelines.store.pages import BatchPages
from tests.factories import NOW
from tests.integration.stored_pages import PRODUCTS, SITE, StoredShop, product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
EUR = {"currency": "EUR"}


@pytest.fixture
def shop() -> StoredShop:
    """A shop of two pages, after its first run."""
    shop = StoredShop("a", "b")
    shop.run(a=[product("assam", 12.5), product("ceylon", 8)], b=[product("rooibos", 5)])
    return shop


def news(*, pages: bool = False) -> list[tuple[str, str]]:
    """The kind and subject of events, in the order in which they were written."""
    kinds = Event.PAGES if pages else Event.RECORDS
    rows = Event.objects.filter(kind__in=kinds).order_by("pk")
    return [(row.get_kind_display(), row.subject) for row in rows]


def test_the_first_run_of_a_seed_is_its_baseline(shop: StoredShop) -> None:
    assert Page.objects.count() == 2
    assert Record.objects.count() == 3
    assert not Event.objects.exists()


def test_a_batch_without_news_costs_no_statement_for_events(shop: StoredShop) -> None:
    batch = shop.batch(a=[product("assam", 12.5), product("ceylon", 8)], b=[product("rooibos", 5)])
    with CaptureQueriesContext(
        connection,
    ) as statements:
        store_batch(batch.pk, shop.now)
    assert not [each for each in statements.captured_queries if "catalog_event" in each["sql"]]
    assert not Event.objects.exists()


def test_a_field_that_changes_is_told_with_both_values_and_what_to_call_it(shop: StoredShop) -> None:
    run = shop.run(a=[product("assam", 9.9), product("ceylon", 8)], b=[product("rooibos", 5)])
    event = Event.objects.get(kind=Event.Kind.FIELD_CHANGED)
    record = Record.objects.get(values__sku="assam")
    assert (event.subject, event.field, event.before, event.after) == ("Assam", "price", 12.5, 9.9)
    assert (event.difference, event.percent) == (-2.6, pytest.approx(-20.8))
    assert (event.collection, event.url, event.at) == ("products", f"{SITE}/a", shop.now)
    assert (event.run_id, event.record_id, event.page_id) == (run.pk, record.pk, record.page_id)
    assert (event.snapshot_id, event.changed_in_id) == (record.snapshot_id, record.changed_in_id)
    assert event.state == Event.State.NEW
    assert news() == [("changed", "Assam")]


def test_a_new_version_is_told_with_its_titles(shop: StoredShop) -> None:
    shop.run(a=[product("assam", 9, title="Assam Gold")], b=[product("rooibos", 5)])
    event = Event.objects.get(kind=Event.Kind.PAGE_CHANGED)
    assert (event.subject, event.url) == ("Assam Gold", f"{SITE}/a")
    assert (event.before, event.after) == ({"title": "Assam Ceylon"}, {"title": "Assam Gold"})
    assert event.snapshot_id == Page.objects.get(url=f"{SITE}/a").latest_id


def test_what_appears_and_what_goes_is_told_with_its_values(shop: StoredShop) -> None:
    shop.run(a=[product("assam", 12.5), product("darjeeling", 20)], b=[product("rooibos", 5)])
    assert news() == [("gone", "Ceylon"), ("new", "Darjeeling")]
    gone, new = Event.objects.filter(kind__in=Event.RECORDS).order_by("pk")
    assert (gone.before["price"], gone.after) == (8, None)
    assert (new.before, new.after["price"]) == (None, 20)
    assert new.record_id == Record.objects.get(values__sku="darjeeling").pk


def test_what_is_back_is_new_and_says_since_when_it_was_gone(shop: StoredShop) -> None:
    shop.run(a=[product("assam", 12.5)], b=[product("rooibos", 5)])
    since = shop.now
    shop.run(a=[product("assam", 12.5), product("ceylon", 9)], b=[product("rooibos", 5)])
    assert news() == [("gone", "Ceylon"), ("new", "Ceylon")]
    back = Event.objects.get(kind=Event.Kind.RECORD_NEW)
    assert back.detail == f"It was gone since {since:%Y-%m-%d %H:%M} UTC."


def test_a_new_page_is_told_after_the_baseline(shop: StoredShop) -> None:
    shop.change("a", "b", "c")
    shop.run(
        a=[product("assam", 12.5), product("ceylon", 8)],
        b=[product("rooibos", 5)],
        c=[product("lapsang", 7)],
    )
    assert news(pages=True) == [("new page", "Lapsang")]
    assert news() == [("new", "Lapsang")]


def test_a_first_run_that_a_person_stopped_is_no_baseline_yet() -> None:
    shop = StoredShop("a")
    shop.run(a=[product("assam")])
    Run.objects.update(reason="stopped")
    shop.change("a", "b")
    shop.run(a=[product("assam")], b=[product("rooibos")])
    assert not Event.objects.exists()


def test_a_page_that_is_gone_and_back_is_told_with_what_it_shows(shop: StoredShop) -> None:
    same = [product("assam", 12.5), product("ceylon", 8)]
    for _ in range(2):
        shop.run(a=same, b=410)
    assert news(pages=True) == [("page gone", "Rooibos")]
    assert news() == [("gone", "Rooibos")]
    gone = Event.objects.get(kind=Event.Kind.PAGE_GONE)
    assert (gone.url, gone.run_id) == (f"{SITE}/b", Run.objects.latest("pk").pk)
    shop.run(a=same, b=[product("rooibos", 5)])
    assert news(pages=True)[1:] == [("new page", "Rooibos")]
    assert news()[1:] == [("new", "Rooibos")]
    assert not Event.objects.filter(kind=Event.Kind.PAGE_CHANGED).exists()
    assert all(Event.objects.filter(kind__in=(1, 11)).values_list("detail", flat=True))


def test_what_a_complete_run_did_not_find_is_told() -> None:
    shop = StoredShop("a", "b", scope="host")
    shop.run(a=[product("assam")], b=[product("rooibos")])
    shop.change("a")
    run = shop.run(a=[product("assam")])
    compare_run(run.pk, shop.now)
    assert news(pages=True) == [("page gone", "Rooibos")]
    assert news() == [("gone", "Rooibos")]


NEWS = {"name": "news", "fields": [{"name": "title", "css": "h2"}]}
OTHER_RULES = {**PRODUCTS, "fields": [*PRODUCTS["fields"], {"name": "stock", "css": "u"}]}


def test_what_other_rules_read_is_no_change_of_the_site(shop: StoredShop) -> None:
    shop.change(collections=[OTHER_RULES])
    shop.run(a=[product("assam", 9, stock=1), product("x", 1)], b=[product("rooibos", 6)])
    assert news() == []
    assert len(news(pages=True)) == 2  # their text has changed all the same
    shop.run(a=[product("assam", 8, stock=1), product("x", 1)], b=[product("rooibos", 6)])
    assert news() == [("changed", "Assam")]


def test_a_new_collection_has_a_baseline_of_its_own(shop: StoredShop) -> None:
    teas = [product("assam", 12.5), product("ceylon", 8)]
    shop.change(
        "a", "b", "c", collections=[PRODUCTS, {"name": "news", "fields": [{"name": "title", "css": "h2"}]}]
    )
    item = ReadRecord(collection="news", values={"title": "We are open"})
    shop.run(a=teas, b=[product("rooibos", 5)], c=[item, product("mate", 3)])
    assert news() == [("new", "Mate")]
    shop.change("a", "b", "c", "d")
    shop.run(a=teas, b=[product("rooibos", 5)], c=[item, product("mate", 3)], d=[item])
    assert news()[1:] == [("new", "We are open")]


@pytest.mark.parametrize("shown", [{"price": None}, {"price": ""}], ids=str)
def test_a_value_that_is_held_is_no_change(shop: StoredShop, shown: dict[str, Any]) -> None:
    shop.run(a=[product("assam", **shown), product("ceylon", 8)], b=[product("rooibos", 5)])
    assert Record.objects.get(values__sku="assam").held
    assert news() == []


def test_an_empty_field_and_none_at_all_are_the_same(shop: StoredShop) -> None:
    shop.run(a=[product("assam", 12.5, note=None), product("ceylon", 8, note="")], b=[product("rooibos", 5)])
    assert news() == []


def test_a_store_that_is_rolled_back_tells_nothing(shop: StoredShop, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = shop.batch(a=[product("assam", 9), product("ceylon", 8)], b=[product("rooibos", 4)])

    def fail(*_: object) -> None:
        raise RuntimeError("the process ends here")

    monkeypatch.setattr("pipelines.store.batch.settle", fail)
    with pytest.raises(RuntimeError):
        store_batch(batch.pk, shop.now)
    assert not Event.objects.exists()
    monkeypatch.undo()
    for _ in range(2):
        store_batch(batch.pk, shop.now)
    assert news() == [("changed", "Assam"), ("changed", "Rooibos")]


def test_a_batch_that_is_refused_is_stored_page_by_page_and_told_once(
    shop: StoredShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = shop.batch(a=[product("assam", 9), product("new", 8)], b=[product("rooibos", 4)])
    write = BatchPages.write

    def refuse(pages: BatchPages, changes: Changes) -> object:
        written = write(pages, changes)
        changes.write_events()
        if len(written) > 1:
            raise DataError("a value that the database does not take")
        return written

    monkeypatch.setattr(BatchPages, "write", refuse)
    store_batch(batch.pk, shop.now)
    assert sorted(news()) == [
        ("changed", "Assam"),
        ("changed", "Rooibos"),
        ("gone", "Ceylon"),
        ("new", "New"),
    ]
    assert news(pages=True) == [("page changed", "Assam New"), ("page changed", "Rooibos")]


def test_events_are_of_the_time_of_the_fetch(shop: StoredShop) -> None:
    shop.run(a=[product("assam", {"amount": 9, **EUR}), product("ceylon", 8)], b=[product("rooibos", 5)])
    assert {each.at for each in Event.objects.all()} == {shop.now}
    assert shop.now > NOW


def test_a_value_that_is_really_no_more_is_told_when_the_run_is_measured(shop: StoredShop) -> None:
    run = shop.run(a=[product("assam", None), product("ceylon", 8)], b=[])
    measure_run(run.pk, shop.now)
    event = Event.objects.get(kind=Event.Kind.FIELD_CHANGED)
    assert (event.subject, event.before, event.after, event.run_id) == ("Assam", 12.5, None, run.pk)
    assert news() == [("gone", "Rooibos"), ("changed", "Assam")]


def test_what_new_rules_read_no_more_is_not_told_when_the_run_is_measured(shop: StoredShop) -> None:
    shop.change(collections=[OTHER_RULES])
    run = shop.run(a=[product("assam", None), product("ceylon", 8)], b=[])
    measure_run(run.pk, shop.now)
    assert Record.objects.get(values__sku="assam").values["price"] is None
    assert Record.objects.get(values__sku="rooibos").gone_at is not None
    assert news() == []
