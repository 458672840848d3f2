"""Coverage of runs: what fell is named and takes nothing away; what is empty indeed is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.utils import timezone

from catalog.models import ChangeSet, Coverage, Page, Record, Run, Seed
from pipelines.changes.gone import compare_run
from pipelines.quality.measure import measure_run
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
    return {record.values["name"] for record in Record.objects.filter(gone_at=None)}


def test_a_run_counts_pages_records_and_values(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops["/0"] = offers("lamp 0", price="dear")
    shops.show(web)
    row = measured(seed, valkey)
    assert (row.pages, row.holding, row.records) == (SHOPS, SHOPS, 2 * SHOPS - 1)
    assert row.fields == {"name": [2 * SHOPS - 1, 0], "price": [2 * SHOPS - 2, 1]}
    again = measured(seed, valkey)  # nothing has changed
    assert (again.pages, again.holding, again.fields, again.fallen) == (SHOPS, SHOPS, row.fields, {})


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


def test_a_field_that_falls_is_named_and_its_last_values_are_kept(
    web: FakeWeb, seed: Seed, valkey: redis.Redis, shops: Shops
) -> None:
    shops.show(web)
    measured(seed, valkey)
    for path, body in dict(shops).items():
        shops[path] = body.replace("<i>", "<em>").replace("</i>", "</em>")
    shops.show(web)
    fallen = measured(seed, valkey)
    assert fallen.fallen.keys() == {"price"}
    record = Record.objects.filter(gone_at=None).first()
    assert record is not None
    assert record.values["price"] is None
    assert [earlier.values["price"] for earlier in record.earlier.all()] == [5]


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
