"""Records follow what pages show: new, changed, moved, gone and back, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.models import ChangeSet, Page, Reading, Record, RecordVersion, Run, Seed
from crawler.reading.record import ReadRecord
from pipelines.store.changes import Changes
from pipelines.store.identity import hash_of_key
from pipelines.store.page_row import PageRow
from pipelines.store.readings import NewReading, write_readings
from pipelines.store.record_row import MOST_PAGES
from pipelines.store.records import fold
from pipelines.store.runs import BatchRun
from tests.factories import NOW, Got, crawl, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://a.test"
PRODUCTS = {"name": "products", "key": ["sku"], "fields": [{"name": "sku", "css": "b"}]}


class Shop:
    """A seed with pages that show products; each call is a store of one or more pages in one transaction."""

    def __init__(self) -> None:
        self.seed: Seed = make_seed("shop", fields=[])
        pages = [Got(f"{SITE}/{name}") for name in "abc"]
        self._run: Run = crawl(self.seed, pages, at=NOW)
        rules = self.seed.rule_sets.create(number=1, rules=[PRODUCTS], digest="x", in_force_since=NOW)
        self._rules = rules.pk
        self.hour = 0

    def pages(self, **shown: list[ReadRecord]) -> BatchRun:
        """Pages by name, and what each shows now, an hour after the last time and in a run of its own."""
        self.hour += 1
        run = BatchRun(self._run)
        run.run.started_at = self.now
        run.__dict__["collections"] = frozenset(["products"])
        readings = [self._reading(run, name, records) for name, records in shown.items()]
        write_readings(readings)
        changes = Changes(self.now)
        fold(readings, changes)
        changes.write_events()
        Page.objects.filter(pk__in=[each.page.id for each in readings]).update(rule_set=self._rules)
        return run

    def _reading(self, run: BatchRun, name: str, records: list[ReadRecord]) -> NewReading:
        """Of a new version: what the page showed before is forgotten with the snapshot of before."""
        page = Page.objects.get(seed=self.seed, url=f"{SITE}/{name}")
        before = (page.latest_id or 0, page.rule_set_id) if page.rule_set_id else None
        assert page.latest is not None
        version = page.latest
        version.pk = version.run = None
        version.save()
        Page.objects.filter(pk=page.pk).update(latest=version, last_changed_at=self.now, versions=2)
        row = PageRow(*Page.objects.values_list(*PageRow.__struct_fields__).get(pk=page.pk))
        return NewReading(row, run, self._rules, self.now, tuple(records), before, version.pk)

    @property
    def now(self) -> datetime:
        return NOW + timedelta(hours=self.hour)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def product(sku: str, **values: Any) -> ReadRecord:
    return ReadRecord(collection="products", key=(sku,), values={"sku": sku, **values})


def the(sku: str) -> Record:
    return Record.objects.get(key_hash=hash_of_key([sku]))


def home_of(sku: str) -> str:
    return the(sku).page.url.removeprefix(f"{SITE}/")


@pytest.mark.parametrize("key", [("1",), ("1", "2"), ("Löwe", '"10" é'), ("1 2",)])
def test_a_record_is_found_by_the_hash_of_its_key(shop: Shop, key: tuple[str, ...]) -> None:
    shop.pages(a=[ReadRecord(collection="products", key=key), product("other"), product("2")])
    (record,) = Record.objects.filter(seed=shop.seed, collection="products", key_hash=hash_of_key(key))
    assert tuple(record.key) == key


def test_a_value_that_changes_leaves_the_old_one_with_its_time_and_receipt(shop: Shop) -> None:
    shop.pages(a=[product("1", price=10), product("2", price=5)])
    before = the("1")
    shop.pages(a=[product("1", price=12), product("2", price=5)])
    after, earlier = the("1"), RecordVersion.objects.get()
    assert (after.values["price"], earlier.values["price"]) == (12, 10)
    assert (earlier.since, earlier.until) == (NOW + timedelta(hours=1), shop.now)
    assert (earlier.snapshot_id, after.snapshot_id) == (before.snapshot_id, after.page.latest_id)
    assert (after.new_in, after.changed_in) == (before.new_in, earlier.changed_in)
    assert after.changed_in_id != before.changed_in_id
    assert the("2").last_seen_at == shop.now
    assert the("2").changed_in_id == before.changed_in_id


def test_what_shows_the_same_makes_no_change_set(shop: Shop) -> None:
    shop.pages(a=[product("1", price=1.0, tags=["x"])])
    shop.pages(a=[product("1", tags=["x"], price=1)])
    assert ChangeSet.objects.count() == 1
    assert not RecordVersion.objects.exists()
    shop.pages(a=[product("1", price=True, tags=["x"])])
    assert RecordVersion.objects.count() == 1


def test_what_its_page_shows_no_more_is_gone_and_new_again_when_it_is_back(shop: Shop) -> None:
    shop.pages(a=[product("1"), product("2")])
    shop.pages(a=[product("2")])
    gone = the("1")
    assert (gone.gone_at, the("2").gone_at) == (shop.now, None)
    assert gone.changed_in_id != gone.new_in_id
    shop.pages(b=[product("1")])
    back = the("1")
    assert (back.gone_at, back.new_in_id, home_of("1")) == (None, back.changed_in_id, "b")
    assert back.first_seen_at == NOW + timedelta(hours=1)


def test_what_another_page_still_shows_is_not_gone_but_has_the_values_of_that_page(shop: Shop) -> None:
    shop.pages(a=[product("1", price=1)], b=[product("1", price=2)])
    assert (the("1").values["price"], home_of("1"), len(the("1").also_on)) == (1, "a", 1)
    shop.pages(a=[product("2")])
    assert (the("1").gone_at, the("1").values["price"], home_of("1"), the("1").also_on) == (None, 2, "b", [])
    shop.pages(b=[product("3")])
    assert the("1").gone_at == shop.now


def test_a_further_page_that_shows_it_no_more_is_no_place_to_move_to(shop: Shop) -> None:
    shop.pages(a=[product("1")], b=[product("1")], c=[product("1")])
    shop.pages(b=[])
    shop.pages(a=[product("2")])
    assert (home_of("1"), the("1").also_on) == ("c", [])


def test_a_page_that_shows_none_of_what_it_held_takes_nothing_away_yet(shop: Shop) -> None:
    shop.pages(a=[product("1"), product("2")])
    shop.pages(a=[])
    assert (the("1").gone_at, the("2").gone_at) == (None, None)
    shop.pages(a=[ReadRecord(collection="products", values={"name": "without its key"})])
    assert Record.objects.filter(gone_at=None).count() == Record.objects.count() == 2
    shop.pages(a=[product("2")])
    assert (the("1").gone_at, the("2").gone_at) == (shop.now, None)


def test_what_moves_to_another_page_of_the_batch_is_never_gone(shop: Shop) -> None:
    shop.pages(a=[product("1", price=1)])
    shop.pages(a=[], b=[product("1", price=1)])
    assert (the("1").gone_at, home_of("1"), ChangeSet.objects.count()) == (None, "b", 1)


def test_of_a_key_that_is_twice_on_a_page_the_first_counts_and_a_warning_says_so(shop: Shop) -> None:
    twice = [product("1", price=1), product("1", price=2), product("1", price=3)]
    run = shop.pages(a=twice, b=[product("2"), product("2")])
    assert the("1").values["price"] == 1
    assert run.run.warnings == [
        f"Records of products with a key that another on their page has: 3, such as 1 on {SITE}/a. "
        "Of each key, only the first is kept."
    ]


def test_of_very_many_pages_some_are_named_and_nothing_is_gone_by_a_guess(shop: Shop) -> None:
    shop.pages(a=[product("1")])
    Record.objects.update(also_on=[*range(10**6, 10**6 + MOST_PAGES), 0])
    shop.pages(a=[])
    assert the("1").gone_at is None


def test_a_reading_has_the_keys_of_its_records_in_their_order(shop: Shop) -> None:
    shop.pages(a=[product("2"), product("1")])
    reading = Reading.objects.get(rule_set__rules__0__name="products")
    assert reading.data == {"products": [{"sku": "2"}, {"sku": "1"}]}
    assert reading.keys == {"products": [the("2").key_hash, the("1").key_hash]}
