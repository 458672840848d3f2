"""Where records are on new pages: each place with the values that the record there had before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from turbohtml import Element

from crawler.collections import Collection, Rule
from crawler.reading.document import Document
from crawler.reading.fields import compile_items
from crawler.reading.fields.kind import Place
from crawler.reading.record import Value
from crawler.reading.repair.candidate import Seen
from crawler.reading.text import fold

Known = Mapping[str, Value]
MOST_PLACES = 80


class Spot(NamedTuple):
    """A place in a new document, and what the record there was."""

    place: Place
    known: Known

    @property
    def url(self) -> str:
        return self.place.document.url


class Telling:
    """Texts by which the records of a collection are known apart."""

    def __init__(self, collection: Collection, records: Sequence[Known]) -> None:
        self.records = _once(collection, records)
        counts = Counter(text for record in self.records for text in set(_texts(collection, record)))
        self.of_text: dict[str, int] = {
            text: number
            for number, record in enumerate(self.records)
            for text in _texts(collection, record)
            if counts[text] == 1
        }

    def records_in(self, texts: Iterator[str] | Sequence[str]) -> set[int]:
        """The records that some texts name."""
        return {self.of_text[text] for text in texts if text in self.of_text}


def _once(collection: Collection, records: Sequence[Known]) -> list[Known]:
    """Each record once, also if several pages show it."""
    unique = {
        repr(
            [record.get(name) for name in collection.key] if collection.key else sorted(record.items())
        ): record
        for record in records
    }
    return list(unique.values())


def _texts(collection: Collection, record: Known) -> list[str]:
    """The texts of a record's fields; of an address also its path, as links write it."""
    texts = []
    for field in collection.fields:
        value = record.get(field.name)
        if isinstance(value, str) and len(value) > 2:
            texts.append(value)
            if field.type == "url":
                address = urlsplit(value)
                texts.append(address.path + (f"?{address.query}" if address.query else ""))
    return texts


def texts_of(part: Element) -> Iterator[str]:
    """The texts of an element and of all in it, and their attributes."""
    for element in (part, *(each for each in part.descendants if isinstance(each, Element))):
        yield fold(element.text)
        for value in element.attrs.values():
            if isinstance(value, str):
                yield value


def leaves(value: Any) -> Iterator[str]:
    """The texts of a value of JSON."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    elif isinstance(value, str):
        yield value


def texts_in(place: Place) -> Iterator[str]:
    """All texts of a place."""
    if isinstance(place.part, Element):
        return texts_of(place.part)
    return leaves(place.part)


def spots_of_pages(old: Sequence[Seen], new: Sequence[Document]) -> list[Spot]:
    """The new version of each page that held a record, of a collection with one record a page."""
    before = {page.document.url: page.values[0] for page in old if page.values}
    return [Spot(Place(document), before[document.url]) for document in new if document.url in before]


def spots_of_items(rule: Rule, telling: Telling, new: Sequence[Document]) -> list[Spot]:
    """The items of new pages that hold exactly one known record."""
    reader = compile_items(rule)
    spots = []
    for document in new:
        for place in reader.items(Place(document)):
            numbers = telling.records_in(texts_in(place))
            if len(numbers) == 1:
                spots.append(Spot(place, telling.records[min(numbers)]))
    return spots[:MOST_PLACES]
