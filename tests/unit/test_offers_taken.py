"""What is offered of the pages of our sites is what its rules read, when somebody takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from crawler.collections import Collection, Field
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.offers import Offer, offer
from crawler.reading.offers.offer import VALUE_LENGTH
from crawler.reading.reader import read_document
from crawler.reading.types import convert
from tests.fakeweb.sites import DESIGNS, SITES, FactSite

LOOKS = [(name, design) for name in SITES for design in DESIGNS]


def _document(site: FactSite[Any], path: str, design: str) -> Document:
    _, headers, body = site.page(path, 0, design)
    document = read_document(body, headers["Content-Type"], "crawlbeat")
    document.url = site.base + path
    return document


def _typed(field: Field, text: str, base: str) -> Any:
    """What a text that was shown has to become; None if it cannot be that."""
    if not text:
        return None
    try:
        return convert(text, field.type, locale=field.locale, zone=field.zone, base=base)
    except ValueError:
        return None


def _shown(field: Field, value: Any) -> Any:
    """A value as a sample shows it: lists as one text, as much of a long text as is shown."""
    if field.many:
        value = ", ".join(map(str, value))
    return value[:VALUE_LENGTH] or None if isinstance(value, str) else value


def _read(collection: Collection, document: Document) -> list[Mapping[str, Any]]:
    return [record.values for record in compile_collections((collection,)).read(document)]


def _first_difference(given: Offer, document: Document) -> object:
    records = _read(given.collection, document)
    if len(records) != given.records:
        return given.name, given.records, len(records)
    for sample, values in zip(given.samples, records, strict=False):
        for field in given.collection.fields:
            expected = _typed(field, sample[field.name], document.url)
            if (read := _shown(field, values[field.name])) != expected:
                return given.name, field.plain(), expected, read
    return None


@pytest.mark.parametrize(("name", "design"), LOOKS)
def test_what_is_offered_is_what_its_rules_read(name: str, design: str) -> None:
    site = SITES[name]()
    for path in site.paths(0):
        document = _document(site, path, design)
        differences = [_first_difference(each, document) for each in offer(document)]
        assert not any(differences), (path, differences)


@pytest.mark.parametrize(("name", "design"), LOOKS)
def test_every_list_is_offered_with_all_its_items(name: str, design: str) -> None:
    site = SITES[name]()
    document = _document(site, "/list?page=1", design)
    items = len(site.expected("/list?page=1", 0, design))
    assert any(items <= each.records <= items + 1 for each in offer(document))  # an advertisement may be one


def test_a_list_in_data_is_offered_with_types_and_a_key() -> None:
    first, *_ = offer(_document(SITES["shop"](), "/list?page=1", "c"))
    collection = first.collection.plain()
    assert collection["items"] == {"json": "__NEXT_DATA__.props.pageProps.items"}
    assert collection["key"] == ["id"]
    types = {field.name: field.type for field in first.collection.fields}
    assert types["price"] == "money"
    assert types["in_stock"] == "boolean"
    assert types["href"] == "url"


def test_a_list_of_an_api_is_offered_by_its_path() -> None:
    first, *_ = offer(_document(SITES["api"](), "/list?page=1", "c"))
    collection = first.collection.plain()
    assert (first.name, collection["items"]) == ("books", {"json": "data.catalogue.books.edges"})
    assert {"name": "isbn_13", "json": "node.isbn13"} in collection["fields"]
