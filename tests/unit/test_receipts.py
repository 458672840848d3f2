"""Of each value, the bytes of the body that it was read from: the receipt."""

from __future__ import annotations

import pytest

from crawler.collections import Collection
from crawler.reading.receipts.receipt import Reader, ValueReceipt
from crawler.reading.receipts.source import Text

PRODUCTS = {
    "name": "products",
    "items": {"css": "li"},
    "fields": [
        {"name": "sku", "css": "::attr(data-sku)"},
        {"name": "name", "css": "b::text"},
        {"name": "price", "xpath": ".//i", "type": "money", "steps": ["trim"]},
    ],
}
LIST = """<!doctype html>\r\n<ul>\r\n<li data-sku="ä1"><b>Käse</b> <i>12,50&nbsp;€</i>
<li data-sku='x2'><b>Br<!-- no word -->ot</b><i>3 €</ul>"""


def receipts(body: bytes, content_type: str, *positions: int, **collection: object) -> list[ValueReceipt]:
    reader = Reader(body, content_type, "robots")
    rules = Collection.of({**PRODUCTS, **collection})
    return [value for position in positions for value in reader.values(rules, position)]


def spans(body: bytes, values: list[ValueReceipt]) -> list[bytes]:
    return [body[source.start : source.end] for value in values for source in value.sources]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-8-sig", "utf-16"])
def test_the_bytes_of_a_value_are_those_of_its_element_or_attribute_in_any_encoding(encoding: str) -> None:
    body = LIST.encode(encoding)
    values = receipts(body, f"text/html; charset={encoding.removesuffix('-sig')}", 0, 1)
    decoded = [span.decode("utf-16le" if encoding == "utf-16" else encoding) for span in spans(body, values)]
    assert decoded == [
        'data-sku="ä1"', "<b>Käse</b>", "<i>12,50&nbsp;€</i>",
        "data-sku='x2'", "<b>Br<!-- no word -->ot</b>", "<i>3 €",
    ]  # fmt: skip
    assert [value.value for value in values][:3] == ["ä1", "Käse", {"amount": 12.5, "currency": "EUR"}]


def test_a_receipt_says_the_line_the_rule_and_each_step() -> None:
    price = receipts(LIST.encode(), "text/html", 0)[2]
    assert (price.rule, price.matched) == ("xpath: .//i", ["12,50 €"])
    assert (price.steps, price.sources[0].line) == ([("trim", ["12,50 €"])], 3)


def test_cells_and_meta_elements_have_places() -> None:
    body = b"<meta name=price content='9 EUR'><table><tr><th>Name<th>Price<tr><td>Tea<td>4</table>"
    fields = [{"name": "cell", "column": "Price"}, {"name": "meta", "meta": "price"}]
    values = receipts(body, "text/html", 0, items={"rows": "Name, Price"}, fields=fields)
    assert spans(body, values) == [b"<td>4", b"content='9 EUR'"]


def test_a_text_of_data_has_a_place_if_it_stands_there_once() -> None:
    body = b'{"items": [{"sku": "A-77", "name": "Tea", "again": "Tea"}]}'
    fields = [{"name": "sku", "json": "sku"}, {"name": "name", "json": "name"}]
    values = receipts(body, "application/json", 0, items={"json": "items"}, fields=fields)
    assert spans(body, values) == [b"A-77"]
    assert values[1].matched == ["Tea"]


def test_where_bytes_are_no_characters_no_place_is_told() -> None:
    assert Text(b"<p>\xff</p><b>x</b>", "text/html; charset=utf-8").only("x") is None


def test_what_the_browsers_tree_adds_has_no_place() -> None:
    (value,) = receipts(
        b"<table><tr><td>1</table>",
        "text/html",
        0,
        items={"css": "body"},
        fields=[{"name": "t", "css": "tbody"}],
    )
    assert (value.matched, value.sources) == (["1"], [])


def test_a_record_beyond_those_of_the_page_has_no_receipt() -> None:
    assert receipts(LIST.encode(), "text/html", 2) == []
