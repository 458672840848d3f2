"""One collection, compiled: its pages, its items, its fields, its key, and where its list goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from crawler.collections import Collection, Rule
from crawler.reading.document import Document
from crawler.reading.extractor.field import FieldReader
from crawler.reading.extractor.next_page import NextReader, compile_next
from crawler.reading.extractor.reading import SHORT, Problems, Reading, key_of
from crawler.reading.fields import compile_items
from crawler.reading.fields.kind import ItemReader, Place
from crawler.reading.record import ReadRecord, Value
from crawler.rules.patterns import Patterns

log = logging.getLogger(__name__)

_ABOUT_HEADERS = "header"


class CollectionReader:
    """Reads the records of one collection. With a rule that cannot be used it reads without that."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.fields = tuple(map(FieldReader, collection.fields))
        self._items = self._compiled_items()
        self._patterns, self._is_usable = self._compiled_pages()
        self._next: NextReader | None = self._compiled_next()
        self.leads_on = self._next is not None
        self.asks_for_headers = any(rule.kind == _ABOUT_HEADERS for rule in _rules_of(collection))
        self._firsts = self._compiled_firsts()
        readers = [reader for field in self.fields for reader in field.readers]
        self._heading_tests = [reader.is_heading for reader in readers if hasattr(reader, "is_heading")]

    def covers(self, url: str) -> bool:
        """Whether the collection is on the page with this address."""
        return self._is_usable and (self._patterns is None or self._patterns.match(url))

    def read(self, reading: Reading) -> list[ReadRecord]:
        """The records of a document, in its order."""
        if self._firsts and (record := self._read_texts(reading.document)) is not None:
            return [record]
        records = []
        for position, place in enumerate(self.places(reading.document)):
            if not reading.has_room(len(self.fields)):
                break
            record = self._record(place, reading, position)
            if not reading.keeps(record.values):
                break
            records.append(record)
        return records

    def _read_texts(self, document: Document) -> ReadRecord | None:
        """The record of a page if all its values are short texts, as most are; else None."""
        place, length = Place(document), 0
        values = {name: first(place) for name, first in self._firsts}
        for value in values.values():
            if value is not None:
                if type(value) is not str:
                    return None
                length += len(value)
        return ReadRecord(collection=self.collection.name, values=values) if length < SHORT else None

    def places(self, document: Document) -> Sequence[Place]:
        """Where the records are: the items, or the whole document."""
        place = Place(document)
        if self._items is None:
            return (place,)
        items = self._items.items(place)
        if not self._heading_tests:
            return items
        return [item for item in items if not any(is_heading(item) for is_heading in self._heading_tests)]

    def next_links(self, document: Document) -> list[str]:
        """The addresses of the next pages of this list, as written."""
        if self._next is None or (self._next.counts and not self.places(document)):
            return []
        return self._next.links(document)

    def _record(self, place: Place, reading: Reading, position: int) -> ReadRecord:
        problems: Problems = {}
        values = {field.name: field.read(place, reading, problems) for field in self.fields}
        key = key_of(self.collection.key, values, problems)
        return ReadRecord(
            collection=self.collection.name, position=position, key=key, values=values, problems=problems
        )

    def _compiled_firsts(self) -> list[tuple[str, Callable[[Place], Value]]]:
        """The field names and readers of a page's record that has no more than texts; else nothing."""
        plain = not self.collection.key and self._items is None and all(each.is_plain for each in self.fields)
        return [(each.name, each.readers[0].first) for each in self.fields] if plain else []

    def _compiled_items(self) -> ItemReader | None:
        rule = self.collection.items
        if rule is None:
            return None
        try:
            return compile_items(rule)
        except ValueError as error:
            log.warning("the collection %s has no records on any page: %s", self.collection.name, error)
            return _NoItems()

    def _compiled_pages(self) -> tuple[Patterns | None, bool]:
        if not self.collection.pages:
            return None, True
        try:
            return Patterns(self.collection.pages), True
        except ValueError as error:
            log.warning("the collection %s is on no page: %s", self.collection.name, error)
            return None, False

    def _compiled_next(self) -> NextReader | None:
        rule = self.collection.next
        try:
            return None if rule is None else compile_next(rule)
        except ValueError as error:
            log.warning("the list of the collection %s is not followed: %s", self.collection.name, error)
            return None


class _NoItems:
    """What a rule for items gives that cannot be used."""

    def first(self, place: Place) -> None:
        return None

    def all(self, place: Place) -> list[Value]:
        return []

    def items(self, place: Place) -> list[Place]:
        return []


def _rules_of(collection: Collection) -> Iterator[Rule]:
    todo = list(collection.fields)
    while todo:
        field = todo.pop()
        yield from field.rules
        todo += field.fields
