"""Coverage of runs: what fell is named and takes nothing away; what is empty indeed is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.utils import timezone

from catalog.models import ChangeSet, Coverage, Page, Record, Run, Seed
from djsite.desk.read.coverage import coverage_of_run
from pipelines.changes.cursor import Cursor
from pipelines.changes.feed import Change, read_changes
from pipelines.changes.gone import compare_run
from pipelines.quality.measure import accept_falls, measure_run, settle_accepted
from tests.factories import make_web_seed
from tests.fakeweb import Answer, FakeWeb
from tests.fakeweb.sites import SITES, FactSite
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
LIST = {
    "name": "offers", "items": {"css": "li"}, "key": ["name"],
    "fields": [{"name": "name", "css": "b"}, {"name": "price", "css": "i", "type": "number"}],
}  # fmt: skip
SHOPS = 8


class Shops(dict[str, str]):
    """A site of some shops, each with a page of offers, by path."""

    def __init__(self) -> None:
        super().__init__({f"/{at}": offers(f"lamp {at}", f"desk {at}") for at in range(SHOPS)})

    def show(self, web: FakeWeb) -> None:
        links = "".join(f'<a href="{path}">{path}</a>' for path in self)
        for path, body in {"/": links, **self}.items():
            web.on(path, Answer(body=body))


def offers(*names: str, price: str = "5") -> str:
    return "<ul>" + "".join(f"<li><b>{name}</b><i>{price}</i></li>" for name in names) + "</ul>"


@pytest.fixture
def shops() -> Shops:
    return Shops()


@pytest.fixture
def seed(web: FakeWeb) -> Seed:
    return make_web_seed(web, fields=[], collections=[LIST])


def measured(seed: Seed, valkey: redis.Redis) -> Coverage:
    """The coverage of a further run."""
    run = crawl_seed(seed, valkey)
    for _ in range(2):  # a task may be sent twice
        measure_run(run.pk, timezone.now())
    compare_run(run.pk, timezone.now())
    return Coverage.objects.get(run=run)


def there() -> set[str]:
    return {record.values["name"] for record in Record.objects.filter(gone_at=None) if record.key}


def test_a_run_counts_pages_records_and_values(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops["/0"] = offers("lamp 0", price="dear")
    shops.show(web)
    row = measured(seed, valkey)
    assert (row.pages, row.holding, row.records) == (SHOPS, SHOPS, 2 * SHOPS - 1)
    assert row.fields == {"name": [2 * SHOPS - 1, 0], "price": [2 * SHOPS - 2, 1]}
    (shown,) = coverage_of_run(row.run)
    assert not any(line.state for line in shown.lines)
    again = measured(seed, valkey)  # nothing has changed
    assert (again.pages, again.holding, again.fields, again.fallen) == (SHOPS, SHOPS, row.fields, {})


def test_a_rule_that_never_found_anything_is_named(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    fields = [*LIST["fields"], {"name": "maker", "css": ".makr"}]
    Seed.objects.update(collections=[{**LIST, "fields": fields}])
    seed.refresh_from_db()
    shops.show(web)
    (shown,) = coverage_of_run(measured(seed, valkey).run)
    assert [line.name for line in shown.lines if line.state == "never"] == ["maker"]


def test_what_is_like_an_item_and_has_no_key_is_not_counted_on(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    for at in range(1, SHOPS):
        shops[f"/{at}"] = "<ul><li><i>3</i> was bought too</li></ul>"
    shops.show(web)
    row = measured(seed, valkey)
    assert (row.pages, row.holding, row.records) == (1, 1, 2)
    shops["/0"] = "<p>Another design.</p>"
    shops.show(web)
    assert measured(seed, valkey).falls.keys() == {""}
    assert {"lamp 0", "desk 0"} <= there()


def test_a_page_that_is_empty_indeed_loses_what_it_held_when_the_run_has_ended(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops.show(web)
    measured(seed, valkey)
    shops["/3"] = "<p>Closed this week.</p>"
    shops.show(web)
    run = crawl_seed(seed, valkey)
    assert {"lamp 3", "desk 3"} <= there()
    measure_run(run.pk, timezone.now())
    assert not {"lamp 3", "desk 3"} & there()
    assert len(there()) == 2 * SHOPS - 2
    gone = Record.objects.exclude(gone_at=None)
    assert {record.changed_in_id for record in gone} == {ChangeSet.objects.latest("pk").pk}
    assert Coverage.objects.get(run=run).fallen == {}
    assert measured(seed, valkey).pages == SHOPS - 1, "it is not expected any more"


def test_a_collection_that_falls_is_held_and_named_until_it_is_read_again(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops.show(web)
    measured(seed, valkey)
    before, designs = there(), dict(shops)
    for path, body in designs.items():
        shops[path] = body.replace("<li>", "<div>").replace("</li>", "</div>")
    shops.show(web)
    fallen = measured(seed, valkey)
    assert (fallen.pages, fallen.holding, fallen.records) == (SHOPS, 0, 0)
    assert fallen.fallen.keys() == {""}
    assert set(fallen.fallen[""]["pages"]) <= set(Page.objects.values_list("pk", flat=True))
    assert there() == before
    still = measured(seed, valkey)
    assert still.fallen[""]["since"] == fallen.fallen[""]["since"]
    shops.update(designs)
    shops.show(web)
    assert measured(seed, valkey).fallen == {}
    assert there() == before


def change_all(shops: Shops, web: FakeWeb, *swaps: tuple[str, str]) -> None:
    """Another design."""
    for path in shops:
        for old, new in swaps:
            shops[path] = shops[path].replace(old, new)
    shops.show(web)


WITHOUT_PRICES = (("<i>", "<em>"), ("</i>", "</em>"))
WITH_PRICES = (("<em>", "<i>"), ("</em>", "</i>"))


def prices() -> set[int | None]:
    return {record.values["price"] for record in Record.objects.filter(gone_at=None)}


def changed_since(cursor: Cursor) -> list[Change]:
    return [change for change in read_changes(cursor) if change.of == "record"]


def the_end() -> Cursor:
    """Of the feed as it is now."""
    return Cursor.parse([*read_changes()][-1].cursor)


def test_a_field_that_falls_alone_keeps_its_last_values_until_it_is_read_again(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops.show(web)
    measured(seed, valkey)
    receipts = set(Record.objects.values_list("pk", "snapshot_id"))
    end = the_end()
    change_all(shops, web, *WITHOUT_PRICES)
    fallen = measured(seed, valkey)
    assert fallen.fallen.keys() == {"price"}
    assert fallen.fields["price"] == [0, 0], "what was really read, without a problem"
    assert prices() == {5}
    since = {record.pk: record.held["price"] for record in Record.objects.all()}
    assert set(Record.objects.values_list("pk", "snapshot_id")) == receipts
    assert not changed_since(end)
    read = Page.objects.get(url__endswith="/1").latest.readings.get()
    assert [values["price"] for values in read.data["offers"]] == [None, None]
    change_all(shops, web, ("lamp", "light"))  # the pages of the desks change once more
    measured(seed, valkey)
    desks = Record.objects.filter(values__name__startswith="desk")
    assert {record.held["price"] for record in desks} <= set(since.values())
    change_all(shops, web, *WITH_PRICES)
    assert measured(seed, valkey).fallen == {}
    assert prices() == {5}
    assert not any(record.held for record in Record.objects.filter(gone_at=None))


def test_a_value_that_one_page_shows_no_more_is_empty_when_the_run_has_ended(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops.show(web)
    measured(seed, valkey)
    end = the_end()
    shops["/3"] = offers("lamp 3") + offers("desk 3", price="")
    shops.show(web)
    run = crawl_seed(seed, valkey)
    desk = Record.objects.get(values__name="desk 3")
    assert desk.values["price"] == 5
    assert desk.held
    measure_run(run.pk, timezone.now())
    desk.refresh_from_db()
    assert desk.values["price"] is None
    assert not desk.held
    (change,) = changed_since(end)
    assert (change.kind, change.values["price"], change.old) == ("changed", None, {"price": 5})
    assert desk.snapshot_id == desk.page.latest_id


def test_what_a_person_accepts_is_taken_away_and_raises_no_alarm_again(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops.show(web)
    for _ in range(3):
        measured(seed, valkey)
    change_all(shops, web, *WITHOUT_PRICES)
    fallen = measured(seed, valkey)
    end = the_end()
    accept_falls(fallen.pk, timezone.now())
    settle_accepted(fallen.pk, timezone.now())
    assert prices() == {None}
    assert {change.old["price"] for change in changed_since(end)} == {5}
    fallen.refresh_from_db()
    assert not fallen.falls
    assert measured(seed, valkey).fallen == {}
    change_all(shops, web, *WITH_PRICES)
    assert measured(seed, valkey).fallen == {}
    assert prices() == {5}


def test_a_collection_that_a_person_says_is_gone_is_gone(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops.show(web)
    measured(seed, valkey)
    change_all(shops, web, ("<li>", "<div>"))
    fallen = measured(seed, valkey)
    assert fallen.falls
    assert there()
    accept_falls(fallen.pk, timezone.now())
    settle_accepted(fallen.pk, timezone.now())
    assert not there()


def test_values_stay_held_while_their_collection_is_not_read_at_all(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops.show(web)
    measured(seed, valkey)
    change_all(shops, web, *WITHOUT_PRICES)
    measured(seed, valkey)
    change_all(shops, web, ("<li>", "<div>"))
    assert measured(seed, valkey).falls.keys() == {"", "price"}, "nothing was read that says otherwise"
    assert prices() == {5}
    assert all(record.held for record in Record.objects.all())


def test_a_recrawl_decides_nothing(web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops) -> None:
    shops.show(web)
    measured(seed, valkey)
    shops["/3"] = "<p>Closed this week.</p>"
    shops.show(web)
    run = crawl_seed(seed, valkey)
    Run.objects.filter(pk=run.pk).update(kind=Run.Kind.RECRAWL)
    measure_run(run.pk, timezone.now())
    assert not Coverage.objects.filter(run=run).exists()
    assert {"lamp 3", "desk 3"} <= there()


@pytest.fixture
def site() -> Iterator[FactSite[Any]]:
    yield SITES["shop"](size=20)


def test_a_redesign_removes_no_record_and_adds_none(site: FactSite[Any], valkey: redis.Redis) -> None:
    with FakeWeb(site) as web:
        site.base = web.url
        starts = f"{web.url}/\n{web.url}/list?page=1\n{web.url}/picks"
        collections = site.collections("a")
        seed = make_web_seed(web, start_urls=starts, fields=[], collections=collections)
        run = crawl_seed(seed, valkey)
        measure_run(run.pk, timezone.now())
        before = set(Record.objects.values_list("collection", "key_hash"))
        site.design = "b"
        run = crawl_seed(seed, valkey)
        measure_run(run.pk, timezone.now())
    assert set(Record.objects.filter(gone_at=None).values_list("collection", "key_hash")) == before
    fallen = {row.collection: row.fallen for row in Coverage.objects.filter(run=run)}
    assert "" in fallen["products"]
    assert {"", "sku", "price"} <= fallen["details"].keys()
    assert "name" not in fallen["details"], "its heading is where it was"
