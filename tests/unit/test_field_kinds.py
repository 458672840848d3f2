"""The kinds of rules beside css and xpath: values of things, scripts, tables, addresses and headers."""

from __future__ import annotations

import time

import pytest

from crawler.collections import Collection, Field, Rule
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.fields import check_rule
from crawler.reading.reader import read_document
from tests.harness.rules import field_of, values_of

PAGE = """<html><head><meta property=og:title content="OG title"><meta name=Description content=" A  lamp ">
<script type="application/ld+json"><!-- {"@context":"x","@graph":[
 {"@type":"Product","name":"Lamp","offers":[{"@type":"Offer","price":"12.5",},{"price":"13"}], /* c */
  "brand":{"@type":"Brand","name":"B // b"}},
 {"@type":["http://schema.org/Product","Thing"],"name":"Chair"}],} --></script>
<script id=__NEXT_DATA__ type=application/json>{"props":{"sku":"7","tags":["a","b"]}}</script>
<script>window.STATE = {items: [{id: 'x1', t: 'x'}, {id: 'x2', t: 'y',}], n: null};
var q = JSON.parse('{"z":"it\\'s"}')</script></head><body>
<div itemscope itemtype="https://schema.org/Recipe"><h1 itemprop=name>Soup</h1><a itemprop=url href=/x>u</a>
<div itemprop=author itemscope><b itemprop=name>Ann</b></div>
<i itemprop=recipeIngredient>water</i><i itemprop=recipeIngredient>salt</i></div>
<table class=x><tr><th>Name<th colspan=2>Price<tr><td rowspan=2>a<td>1<td>EUR<tr><td>2</table>
<ul><li data-sku=1 class=item>own <b>one</b> text</li><li data-sku=2>two</li></ul></body></html>"""


def page() -> Document:
    document = read_document(PAGE.encode(), "text/html", "")
    document.url = "http://s.example/item/7/x?id=4&a=b"
    document.headers = (("last-modified", "today"), ("link", "a"), ("link", "b"))
    return document


@pytest.mark.parametrize(
    ("kind", "rule", "values"),
    [
        ("css", "li::own-text", ["own text", "two"]),
        ("css", "li.item::html", ['<li data-sku="1" class="item">own <b>one</b> text</li>']),
        ("css", "li:has(b)::attr(data-sku)", ["1"]),
        ("css", ":is(li, h1)", ["Soup", "own one text", "two"]),
        ("css", "li::text, b::text", ["Ann", "own", "one", "text", "two"]),
        ("xpath", "//li/@data-sku", ["1", "2"]),
        ("jsonld", "Product.name", ["Lamp", "Chair"]),
        ("jsonld", "Product.offers.price", ["12.5", "13"]),
        ("jsonld", "Product[].offers[].price", ["12.5", "13"]),
        ("jsonld", "Product.brand.name[]", ["B // b"]),
        ("jsonld", "Product[0].offers[1].price", ["13"]),
        ("jsonld", "Product.brand", ["B // b"]),
        ("jsonld", "offers.price", ["12.5", "13"]),
        ("jsonld", "Recipe.name", []),
        ("microdata", "Recipe.name", ["Soup"]),
        ("microdata", "Recipe.author.name", ["Ann"]),
        ("microdata", "url", ["/x"]),
        ("microdata", "Recipe.recipeIngredient[]", ["water", "salt"]),
        ("og", "title", ["OG title"]),
        ("og", "og:title", ["OG title"]),
        ("meta", "description", ["A lamp"]),
        ("meta", "none", []),
        ("json", "__NEXT_DATA__.props.sku", ["7"]),
        ("json", "__NEXT_DATA__ | props.tags", ["a", "b"]),
        ("json", '"@graph"[0].brand.name', ["B // b"]),
        ("json", "items[*].t", ["x", "y"]),
        ("json", "STATE.items[?t=='y'].id", ["x2"]),
        ("json", "z", ["it's"]),
        ("json", "length(props)", ["2"]),
        ("json", "nothing.at.all", []),
        ("column", "price", ["1", "2"]),
        ("column", "Name", ["a", "a"]),
        ("rows", "Name, Price", ["a1EUR", "2"]),
        ("url", "url", ["http://s.example/item/7/x?id=4&a=b"]),
        ("url", "host", ["s.example"]),
        ("url", "path 2", ["7"]),
        ("url", "path -1", ["x"]),
        ("url", "path 9", []),
        ("url", "query id", ["4"]),
        ("url", r"re:/item/(\d+)", ["7"]),
        ("header", "Last-Modified", ["today"]),
        ("header", "Link", ["a", "b"]),
        ("constant", " EUR ", ["EUR"]),
    ],
)
def test_the_values_of_a_rule(kind, rule, values):
    many, one = field_of("many", kind, rule, many=True), field_of("one", kind, rule)
    assert values_of(page(), many, one) == {"many": values, "one": values[0] if values else None}


@pytest.mark.parametrize(
    ("kind", "rule", "sentence"),
    [
        ("jsonld", "Product..price", "is not a path"),
        ("microdata", "", "is not a path"),
        ("og", " ", "Write a name of OpenGraph"),
        ("meta", "", "Write the name of a meta element"),
        ("json", "a[", "is not a JMESPath"),
        ("json", "", "is not a JMESPath"),
        ("json", "nosuch(@, `1`", "is not a JMESPath"),
        ("json", "|".join(["[@,@]"] * 100), "grows too large"),
        ("json", "|".join(["join('',[@,@])"] * 100), "JMESPath"),
        ("json", "(" * 900 + "a" + ")" * 900, "is not a JMESPath"),
        ("column", " ", "Write the heading"),
        ("rows", ", ", "Write headings"),
        ("url", "port", "is no part of an address"),
        ("url", "re:(?=a)", "looks ahead"),
        ("header", "a b", "is not the name of a header"),
        ("constant", "", "Write the value"),
    ],
)
def test_a_rule_that_cannot_be_used_is_told(kind, rule, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_rule(Rule(kind, rule))


@pytest.mark.parametrize(
    ("items", "fields", "values"),
    [
        ({"css": "li"}, [{"name": "s", "css": "::attr(data-sku)"}, {"name": "t", "css": ":scope"}],
         [{"s": "1", "t": "own one text"}, {"s": "2", "t": "two"}]),
        ({"xpath": "//li"}, [{"name": "s", "xpath": "@data-sku"}, {"name": "b", "xpath": "//b"}],
         [{"s": "1", "b": "one"}, {"s": "2", "b": None}]),
        ({"css": "table.x tr"}, [{"name": "n", "column": "Name"}, {"name": "p", "column": "Price"}],
         [{"n": "a", "p": "1"}, {"n": "a", "p": "2"}]),
        ({"rows": "Name, Price"}, [{"name": "p", "column": "Price"}], [{"p": "1"}, {"p": "2"}]),
        ({"json": "items"}, [{"name": "i", "json": "id"}], [{"i": "x1"}, {"i": "x2"}]),
        ({"jsonld": "Product"}, [{"name": "n", "jsonld": "name"}, {"name": "u", "url": "path 2"}],
         [{"n": "Lamp", "u": "7"}, {"n": "Chair", "u": "7"}]),
        ({"jsonld": "Product[].offers[]"}, [{"name": "p", "json": "price"}], [{"p": "12.5"}, {"p": "13"}]),
        ({"microdata": "Recipe"},
         [{"name": "a", "json": "author.name"}, {"name": "f", "json": "recipeIngredient", "many": True}],
         [{"a": "Ann", "f": ["water", "salt"]}]),
    ],
)  # fmt: skip
def test_items_of_every_kind_that_has_them(items, fields, values):
    collection = Collection.of({"name": "things", "items": items, "fields": fields})
    records = compile_collections((collection,)).read(page())
    assert [record.values for record in records] == values
    assert [record.position for record in records] == list(range(len(values)))


def test_an_object_with_a_currency_is_an_amount_of_money():
    offers = '{"@type": "Product", "offers": {"name": "Sale", "price": "12.50", "priceCurrency": "EUR"}}'
    html = f'<script type="application/ld+json">{offers}</script>'
    field = Field.of({"name": "price", "jsonld": "Product.offers", "type": "money"})
    document = read_document(html.encode(), "text/html", "")
    assert values_of(document, field) == {"price": {"amount": 12.5, "currency": "EUR"}}


def test_data_of_a_document_is_read_by_paths_and_columns():
    document = Document("utf-8", data=[{"Name": "a", "Price": "1"}, {"Name": "b"}])
    assert values_of(document, field_of("n", "json", "[1].Name")) == {"n": "b"}
    collection = Collection.of(
        {"name": "r", "items": {"rows": "name"}, "fields": [{"name": "p", "column": "price"}]}
    )
    assert [record.values for record in compile_collections((collection,)).read(document)] == [
        {"p": "1"},
        {"p": None},
    ]


HOSTILE = {
    "assignments": "<script>" + "window.a={" * 100_000 + "</script>",
    "deep data": "<script type=application/json>" + "[" * 200_000 + "</script>",
    "open comments": "<script type=application/ld+json>" + "/*" * 500_000 + "</script>",
    "commas": "<script type=application/ld+json>{" + ", " * 500_000 + "</script>",
    "spans": "<table>" + "<tr><td colspan=1000 rowspan=65534>x" * 3000 + "</table>",
    "microdata": "<div itemscope itemprop=a>" * 5000,
    "circle": "<div itemscope itemref=a></div><div id=a itemscope itemprop=x itemref=a></div>",
    "long script": "<script>var a = '" + "x" * 3_000_000 + "'</script>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data_is_bounded(name):
    document = read_document(HOSTILE[name].encode(), "text/html", "")
    rules = [("json", "a.b"), ("jsonld", "A.b"), ("microdata", "A.b"), ("column", "x"), ("rows", "x")]
    began = time.process_time()
    values_of(document, *(field_of(kind, kind, rule, many=True) for kind, rule in rules))
    assert time.process_time() - began < 5  # seconds
