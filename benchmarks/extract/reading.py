"""How the bench reads records: the one place that knows which rules the reader of this release can use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crawler.collections import Collection, Field
from crawler.policy import FieldRule
from crawler.reading.document import Document
from crawler.reading.fields import KINDS, compile_rules
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord
from crawler.rules.patterns import Patterns

AGENT = "crawlbeat"

Reader = Callable[[Document, str], list[ReadRecord]]
"""Reads the records of a document that was found at a URL."""


def document_of(body: bytes, content_type: str) -> Document:
    """The document of a body, as the parser makes it."""
    return read_document(body, content_type, AGENT)


def readable(collection: Collection) -> Collection | None:
    """What of a collection can be read: single texts of one record a page. None if that is nothing."""
    fields = tuple(field for field in collection.fields if _is_plain(field))
    if collection.items or not fields:
        return None
    return Collection(name=collection.name, fields=fields, pages=collection.pages, key=collection.key)


def _is_plain(field: Field) -> bool:
    plain = not (field.many or field.steps or field.fields) and field.type == "text"
    return plain and all(rule.kind in KINDS for rule in field.rules)


def reader_of(collections: Sequence[Collection]) -> Reader:
    """The compiled rules of collections."""
    readers = [_reader_of(collection) for collection in collections]
    return lambda document, url: [record for read in readers for record in read(document, url)]


def _reader_of(collection: Collection) -> Reader:
    rules = tuple(
        FieldRule(field.name, field.rules[0].kind, field.rules[0].rule) for field in collection.fields
    )
    extractor, here = compile_rules(rules), Patterns(collection.pages)

    def read(document: Document, url: str) -> list[ReadRecord]:
        if collection.pages and not here.match(url):
            return []
        values = extractor.extract(document)
        key = tuple(str(values.get(name)) for name in collection.key)
        return [ReadRecord(collection=collection.name, key=key, values=values)]

    return read
