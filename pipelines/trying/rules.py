"""What the rules of collections read from a tried page, with each match; and its main text.

The one place of trying that knows how rules are compiled and applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crawler.collections import Collection, Field
from crawler.policy import FieldRule
from crawler.reading.document import Document
from crawler.reading.fields import kind_of
from crawler.reading.html import parse_html
from crawler.rules.patterns import BadPattern, Patterns
from pipelines.trying.trial import CollectionShown, FieldShown

SHOWN = 20  # records whose values are shown
READ = 1000  # records that are read
PROBLEMS = 20


def read_collections(
    document: Document, collections: Sequence[Collection], url: str
) -> list[CollectionShown]:
    """What each collection reads from a document."""
    return [_read(document, collection, url) for collection in collections]


def main_text_of(document: Document) -> str:
    """The text of a page without what stands around it."""
    return document.text


def _read(document: Document, collection: Collection, url: str) -> CollectionShown:
    try:
        if collection.pages and not Patterns(collection.pages).match(url):
            return CollectionShown(name=collection.name, problems=["Its pages have other addresses."])
        records = [
            [_field(item, field) for field in collection.fields] for item in _items(document, collection)
        ]
    except (BadPattern, ValueError) as error:
        return CollectionShown(name=collection.name, problems=[str(error)])
    problems = list(dict.fromkeys(_problems(collection, records)))
    return CollectionShown(
        name=collection.name,
        records=len(records),
        values=[{field.name: field.value for field in record} for record in records[:SHOWN]],
        fields=records[0] if records else [],
        problems=problems[:PROBLEMS],
    )


def _items(document: Document, collection: Collection) -> Iterator[Document]:
    """The document, or a document for each of the items."""
    if collection.items is None:
        yield document
        return
    if collection.items.kind != "css":
        raise ValueError(f"Items of the kind {collection.items.kind!r} cannot be read here.")
    tree = document.tree
    elements = tree.select(collection.items.rule) if tree is not None else []
    for element in elements[:READ]:
        yield Document(document.encoding, element.text, parse_html(element.html))


def _field(document: Document, field: Field) -> FieldShown:
    """The first of its rules that matches."""
    for rule in field.rules:
        value = kind_of(FieldRule(field.name, rule.kind, rule.rule)).compile(rule.rule)(document)
        if value is not None:
            break
    return FieldShown(
        name=field.name,
        rule=f"{rule.kind}: {rule.rule}",
        matched=[] if value is None else [value],
        type=field.type,
        value=value,
        problem="" if value is not None else "Its rule matches nothing here.",
    )


def _problems(collection: Collection, records: Sequence[Sequence[FieldShown]]) -> Iterator[str]:
    if not records:
        yield f"No item of {collection.name!r} is on this page: its rule matches nothing."
        return
    for position, field in enumerate(collection.fields):
        missing = sum(record[position].value is None for record in records)
        if missing:
            yield f"{field.name}: no value in {missing:,} of {len(records):,} records."
