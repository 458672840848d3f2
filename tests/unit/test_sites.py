"""Our sites are as they say: facts are on their pages, data parse, designs differ, changes are known."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.collections import Collection
from crawler.reading.reader import read_document
from tests.fakeweb import FakeWeb
from tests.fakeweb.answers import Request
from tests.fakeweb.sites import DESIGNS, INNOCENT, SAMPLES, SITES, FactSite

LOOKS = [*((name, design) for name in SITES for design in DESIGNS), ("shop", "d"), ("jobs", "d")]
_SCRIPT = re.compile(r'<script[^>]*type="application/(?:ld\+)?json">(.*?)</script>', re.DOTALL)


def _text(site: FactSite[Any], path: str, design: str) -> str:
    status, headers, body = site.page(path, 0, design)
    assert status == 200, path
    assert headers["Content-Type"]
    text = body.decode()
    return text if text.startswith("{") else re.sub(r"\s+", " ", unescape(text))


def _words(value: object) -> list[str]:
    """The texts of a value that stand on a page as they are, whatever the language."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d|http", value):
        return re.findall(r"[^\W\d_]+", value)
    if isinstance(value, list):
        return [
            word
            for each in value
            for word in _words(each.get("seller", "") if isinstance(each, dict) else each)
        ]
    return []


@pytest.mark.parametrize(("name", "design"), LOOKS)
def test_the_facts_of_every_record_are_on_its_page(name: str, design: str) -> None:
    site = SITES[name]()
    for path in site.paths(0):
        text = _text(site, path, design)
        records = site.expected(path, 0, design)
        assert records
        for record in records:
            assert record.page == path
            missing = [word for value in record.values.values() for word in _words(value) if word not in text]
            assert not missing, path


@pytest.mark.parametrize(("name", "design"), LOOKS)
def test_amounts_and_numbers_are_on_the_page_in_some_spelling(name: str, design: str) -> None:
    site = SITES[name]()
    for path in site.paths(0):
        text = re.sub(r"<[^>]+>", "", _text(site, path, design)) + _text(site, path, design)
        digits = re.sub(r"(?<=\d)[.,](?=\d)", "", text)
        for record in site.expected(path, 0, design):
            for value in record.values.values():
                if isinstance(value, dict):
                    assert f"{round(value['amount'] * 100)}" in digits, (path, value)
                elif isinstance(value, int | float) and not isinstance(value, bool):
                    assert str(value).replace(".", "") in digits, (path, value)


@pytest.mark.parametrize(("name", "design"), LOOKS)
def test_data_in_scripts_and_answers_of_the_api_are_json(name: str, design: str) -> None:
    site = SITES[name]()
    for path in site.paths(0):
        text = site.page(path, 0, design).body.decode()
        for data in [text] if name == "api" else _SCRIPT.findall(text):
            assert isinstance(json.loads(data), dict)


@pytest.mark.parametrize("name", SITES)
def test_designs_show_the_same_facts_in_other_markup(name: str) -> None:
    site = SITES[name]()
    for path in site.paths(0)[2:]:
        bodies = {site.page(path, 0, design).body for design in DESIGNS}
        assert len(bodies) == len(DESIGNS)
    keys = [
        {record.key for path in site.paths(0) for record in site.expected(path, 0, design)}
        for design in DESIGNS
    ]
    assert keys[0] == keys[1] == keys[2]


@pytest.mark.parametrize("name", SITES)
def test_no_rule_of_one_design_is_the_rule_of_the_next(name: str) -> None:
    """Else a redesign would leave nothing to repair."""
    site = SITES[name]
    for old, new in zip(DESIGNS, DESIGNS[1:], strict=False):
        before, after = (site().collections(design) for design in (old, new))
        assert all(one["fields"] != other["fields"] for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize(("name", "design"), LOOKS)
def test_rules_are_collections_whose_fields_are_those_of_the_records(name: str, design: str) -> None:
    site = SITES[name]()
    records = site.records(0)
    for plain in site.collections(design):
        collection = Collection.of(plain)
        assert Collection.of(collection.plain()) == collection
        names = [field.name for field in collection.fields]
        assert all(sorted(record) == sorted(names) for record in records[collection.name])
        assert set(collection.key) <= set(names)


@pytest.mark.parametrize("name", SITES)
def test_a_revision_changes_some_values_removes_some_items_and_adds_some(name: str) -> None:
    site = SITES[name](size=40)
    before, after = (
        {record.key: record.values for path in site.paths(at)[:-1] for record in site.expected(path, at, "a")}
        for at in (0, 1)
    )
    kept = before.keys() & after.keys()
    changed = [key for key in kept if before[key] != after[key]]
    assert before.keys() - after.keys()
    assert after.keys() - before.keys()
    assert 0 < len(changed) < len(kept)


@pytest.mark.parametrize("name", SITES)
def test_an_item_that_is_gone_has_no_page_and_stays_gone(name: str) -> None:
    site = SITES[name](size=40)
    gone = set(site.paths(0)) - set(site.paths(1))
    assert gone
    assert {site.page(path, at).status for path in gone for at in (1, 2, 6)} <= {404, 410}


@pytest.mark.parametrize("name", SITES)
def test_a_site_is_the_same_each_time_it_is_made(name: str) -> None:
    first, second = SITES[name](size=30), SITES[name](size=30)
    assert [first.page(path, 2, "b") for path in first.paths(2)] == [
        second.page(path, 2, "b") for path in second.paths(2)
    ]


@pytest.mark.parametrize("name", SITES)
def test_some_keys_are_on_two_pages(name: str) -> None:
    site = SITES[name]()
    listed = {record.key for record in site.expected("/list?page=1", 0, "a")}
    assert listed & {record.key for record in site.expected("/picks", 0, "a")}


@pytest.mark.parametrize(("name", "design"), LOOKS)
def test_following_the_next_page_leads_through_the_whole_list(name: str, design: str) -> None:
    site = SITES[name](size=45)
    lists = [path for path in site.paths(0) if path.startswith("/list")]
    assert len(lists) == 5
    for path, following in zip(lists, lists[1:], strict=False):
        assert following in _text(site, path, design)
    assert "/list?page=6" not in _text(site, lists[-1], design)
    assert site.page("/list?page=6", 0, design).status == 404


@pytest.mark.parametrize("name", SITES)
def test_the_sitemap_lists_every_page_with_records(name: str) -> None:
    site = SITES[name]()
    listed = re.findall("<loc>(.*?)</loc>", unescape(site.page("/sitemap.xml").body.decode()))
    assert [urlsplit(url)._replace(scheme="", netloc="").geturl() for url in listed] == site.paths(0)
    assert "/sitemap.xml" in site.page("/robots.txt").body.decode()


def test_the_size_is_a_number() -> None:
    site = SITES["shop"](size=5000)
    assert len(site.records(0)["products"]) == 5000
    assert site.page("/list?page=500").status == 200
    assert len({record["sku"] for record in site.records(3)["products"]}) > 5000


def test_the_shop_has_its_traps() -> None:
    products = SITES["shop"](size=60).records(0)["products"]
    assert {product["price"]["currency"] for product in products if product["price"]} == {"EUR", "USD", "GBP"}
    assert any(product["price"] is None for product in products)
    assert any(product["old"] for product in products)
    assert {product["available"] for product in products} == {True, False}
    page = SITES["shop"]().page("/list?page=1").body.decode()
    assert all(trap in page for trap in ("Sponsored", "from €", " – $", "data-src"))
    assert "Customers also bought" in SITES["shop"]().page("/item/sk-00001").body.decode()


def test_a_server_answers_what_the_site_is_now() -> None:
    site = SITES["shop"]()

    def answer(path: str) -> tuple[int, bytes]:
        got = site.answer(Request("GET", path, {}))
        return got.status, got.body

    first = answer("/list?page=1")
    assert first == (200, site.page("/list?page=1").body)
    site.design = "b"
    assert answer("/list?page=1") == (200, site.page("/list?page=1", design="b").body) != first
    site.verdict = "block_page"
    blocked = next(each for each in SAMPLES["block_page"] if each.status == 200)
    assert answer("/list?page=1") == (200, blocked.html.encode())
    assert answer("/")[0] == 200
    with FakeWeb(site) as web:
        assert web.choose(Request("GET", "/nowhere?x=1", {})).body == blocked.html.encode()


def test_samples_are_pages_that_can_be_read() -> None:
    for sample in [each for samples in (*SAMPLES.values(), INNOCENT) for each in samples]:
        status, headers, body = sample.reply
        document = read_document(body, headers["Content-Type"], "crawlbeat")
        assert 200 <= status < 600
        assert document.title
