"""Collections read from a document: items, nested fields, fallbacks, keys, required fields, traces."""

from __future__ import annotations

import logging

import pytest

from crawler.collections import Collection
from crawler.reading.extractor import compile_collections
from crawler.reading.extractor.trace import trace
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord
from crawler.seeds import check

PAGE = """<ul><li data-sku=1><b>Lamp</b><i>5</i><p class=o><u>Ann</u><s>3</s></p><p class=o><u>Bob</u></p>
<li data-sku=2><em>Chair</em><li><b>Lost</b></ul>"""
PRODUCTS: dict = {
    "name": "products",
    "items": {"css": "li"},
    "key": ["sku"],
    "fields": [
        {"name": "sku", "css": "::attr(data-sku)", "required": True},
        {"name": "name", "css": "b", "or": [{"css": "em"}]},
        {"name": "tags", "css": "b, i", "many": True},
        {"name": "offers", "css": ".o", "many": True,
         "fields": [{"name": "seller", "css": "u"}, {"name": "price", "css": "s", "required": True}]},
        {"name": "best", "css": ".o", "fields": [{"name": "seller", "css": "u"}]},
    ],
}  # fmt: skip


def read(*plain: dict, url: str = "http://s.example/list") -> list[ReadRecord]:
    document = read_document(PAGE.encode(), "text/html", "")
    document.url = url
    return compile_collections(tuple(map(Collection.of, plain))).read(document)


def test_a_record_for_each_item_in_their_order():
    lamp, chair, lost = read(PRODUCTS)
    assert [record.position for record in (lamp, chair, lost)] == [0, 1, 2]
    assert (lamp.collection, lamp.key, chair.key, lost.key) == ("products", ("1",), ("2",), None)
    assert lamp.values == {
        "sku": "1",
        "name": "Lamp",
        "tags": ["Lamp", "5"],
        "offers": [{"seller": "Ann", "price": "3"}, {"seller": "Bob", "price": None}],
        "best": {"seller": "Ann"},
    }
    assert list(lamp.problems) == ["offers.1.price"]
    assert chair.values["name"] == "Chair"
    assert (chair.values["offers"], chair.values["best"]) == ([], None)


def test_a_record_without_its_key_is_told():
    lost = read(PRODUCTS)[2]
    assert lost.problems["sku"].reason.startswith("This field is required")
    optional = {**PRODUCTS, "fields": [{"name": "sku", "css": "::attr(data-sku)"}]}
    assert read(optional)[2].problems["sku"].reason.startswith("It is part of the key")


def test_a_collection_is_on_the_pages_that_its_patterns_say():
    one = {"name": "one", "pages": ["*/item/*"], "fields": [{"name": "n", "css": "b"}]}
    both = {"name": "both", "fields": [{"name": "n", "css": "b"}]}
    names = [record.collection for record in read(one, both, url="http://s.example/list")]
    assert names == ["both"]
    names = [record.collection for record in read(one, both, url="http://s.example/item/1")]
    assert names == ["one", "both"]


def test_rules_that_cannot_be_used_cost_no_other(caplog):
    broken: dict = {**PRODUCTS, "items": {"css": "li["}}
    field: dict = {"name": "n", "css": "b[", "or": [{"css": "b"}]}
    with caplog.at_level(logging.WARNING):
        records = read(broken, {"name": "x", "fields": [field]})
    assert [record.values for record in records] == [{"n": "Lamp"}]
    assert "the collection products has no records on any page" in caplog.text


def test_a_value_that_does_not_convert_is_null_with_its_reason():
    (record,) = read({"name": "x", "fields": [{"name": "n", "css": "b", "type": "magic"}]})
    assert record.values == {"n": None}
    assert record.problems["n"].raw == "Lamp"


def test_how_a_value_came_about_is_shown():
    document = read_document(PAGE.encode(), "text/html", "")
    traced = trace((Collection.of(PRODUCTS),), document, range(2))
    assert [(record.collection, record.position) for record in traced] == [("products", 0), ("products", 1)]
    name = traced[1].fields[1]
    assert [(rule.rule.rule, rule.matches, rule.first) for rule in name.rules] == [
        ("b", 0, ()),
        ("em", 1, ("Chair",)),
    ]
    assert (name.value, name.steps) == ("Chair", (("Chair", ()),))


def deep(levels: int) -> dict:
    field: dict = {"name": "a", "css": "b"}
    for _ in range(levels):
        field = {"name": "a", "css": "b", "fields": [field]}
    return field


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "my list"}, "'my list' cannot be a collection's name"),
        ({"fields": []}, "Collection 'products' has no fields"),
        ({"key": ["no"]}, "its key names 'no', which is none of its fields"),
        ({"key": ["offers"]}, "the key 'offers' has several values"),
        ({"key": ["sku", "sku"]}, "its key names a field twice"),
        ({"pages": ["list"]}, "pages: “list” can never match"),
        ({"items": {"css": "li["}}, "Collection 'products', items: 'li[' is not a CSS selector"),
        ({"items": {"css": "li::text"}}, "gives values and no items"),
        ({"items": {"magic": "x"}}, "'magic' is not a kind of field"),
        ({"next": {"url": "path 2"}}, "does not count pages"),
        ({"next": {"url": "page=+1"}, "items": None}, "a next page that is counted needs items"),
        ({"key": [], "fields": [{"name": "a b", "css": "x"}]}, "'a b' cannot be a field's name"),
        ({"key": [], "fields": [{"name": "a", "css": "x"}] * 2}, "two fields with the name 'a'"),
        ({"key": [], "fields": [{"name": "a", "css": "x["}]}, "field 'a': 'x[' is not"),
        ({"key": [], "fields": [{"name": "a", "css": "x", "type": "magic"}]}, "'magic' is not a type"),
        ({"key": [], "fields": [{"name": "a", "css": "x", "steps": ["no"]}]}, "'no' is not a step"),
        ({"key": [], "fields": [{"name": "a", "css": "x", "locale": "?"}]}, "'?' is not a locale"),
        ({"key": [], "fields": [{"name": "a", "css": "x", "zone": "Moon"}]}, "'Moon' is not a time zone"),
        ({"key": [], "fields": [deep(5)]}, "nested too deep: 5 levels"),
        ({"key": [], "fields": [{"name": f"a{n}", "css": "x"} for n in range(201)]}, "more than 200 fields"),
        ({"key": [], "fields": [{"name": "a", "meta": "x", "fields": [{"name": "b", "css": "b"}]}]},
         "gives values and no items"),
        ({"shape": 1}, "says 'shape', which is not known"),
    ],
)  # fmt: skip
def test_a_collection_that_cannot_be_used_is_told(changed, sentence):
    tidied, problems = check({"collections": [{**PRODUCTS, **changed}]})
    assert [problem.field for problem in problems] == ["collections"]
    assert sentence in problems[0].text
    assert tidied["collections"] == []


def test_collections_in_order_are_kept_in_plain_form():
    assert check({"collections": [PRODUCTS]}) == ({"collections": [PRODUCTS]}, [])


def test_each_collection_has_a_name_of_its_own_and_a_seed_not_too_many():
    _, problems = check({"collections": [PRODUCTS, PRODUCTS]})
    assert "'products' is used twice" in problems[0].text
    pages = {**PRODUCTS, "name": "pages"}
    _, problems = check({"fields": [{"name": "a", "css": "b"}], "collections": [pages]})
    assert "'pages' is used twice" in problems[0].text
    _, problems = check({"collections": [{**PRODUCTS, "name": f"c{n}"} for n in range(51)]})
    assert "at most 50 collections" in problems[0].text
