"""The receipt of a record: it is read once more, and of each value it is said where it stands in the body."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import msgspec
from turbohtml import Element, Node, SourceLocation

from crawler.collections import Collection, Rule, Step
from crawler.reading.extractor import compile_collections
from crawler.reading.extractor.field import FieldReader
from crawler.reading.extractor.reading import text_of
from crawler.reading.extractor.trace import FieldTrace, trace
from crawler.reading.fields import compile_rule
from crawler.reading.fields.kind import LocatingReader, Origin, Place
from crawler.reading.html import located_tree
from crawler.reading.reader import is_html, read_document
from crawler.reading.receipts.source import Source, Text
from crawler.reading.record import ReadRecord, Value

MATCHES = 5  # of a field whose sources are looked for


class ValueReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """How one value of a record came about."""

    name: str
    type: str
    rule: str = ""  # in words: its kind and itself; of items in items empty
    matched: list[str] = []
    steps: list[tuple[str, list[str]]] = []  # each step, and what it made of the first match
    value: Value = None
    problem: str = ""
    sources: list[Source] = []  # where the first matches stand


class Reader:
    """Reads a stored body as it was read once, and says where its values stand."""

    def __init__(self, body: bytes, content_type: str, agent: str) -> None:
        """Raises :class:`crawler.reading.sources.source.Unreadable`."""
        self.document = read_document(body, content_type, agent)
        self._text = Text(body, content_type)
        if is_html(content_type, self._text.written):
            self.document.tree = located_tree(self._text.written)

    def records(self, collection: Collection) -> list[ReadRecord]:
        """The records that the body shows."""
        return compile_collections((collection,)).read(self.document)

    def values(self, collection: Collection, position: int) -> list[ValueReceipt]:
        """The receipts of the record at a position; none of what an extractor in Python gives."""
        readers = compile_collections((collection,)).readers
        for record in trace((collection,), self.document, range(position, position + 1)):
            place = readers[0].places(self.document)[position]
            return [
                self._receipt(reader, traced, place)
                for reader, traced in zip(readers[0].fields, record.fields, strict=True)
            ]
        return []

    def _receipt(self, reader: FieldReader, traced: FieldTrace, place: Place) -> ValueReceipt:
        rule = next((each.rule for each in traced.rules if each.matches), None)
        matched = [] if reader.nested else [text_of(value) for value in reader.matched(place)[:MATCHES]]
        return ValueReceipt(
            name=traced.name,
            type=traced.type,
            rule=f"{rule.kind}: {rule.rule}" if rule else "",
            matched=matched,
            steps=[(" ".join((step.kind, *step.arguments)), list(texts)) for step, texts in _steps(traced)],
            value=traced.value,
            problem=next((each.reason for each in traced.problems.values()), ""),
            sources=list(self._sources(rule, place, matched)) if rule else [],
        )

    def _sources(self, rule: Rule, place: Place, matched: Sequence[str]) -> Iterator[Source]:
        origins = _origins(rule, place)
        for text in matched:
            origin = next((each for each in origins if each.value == text), None)
            if origin is not None:
                origins.remove(origin)  # the next of the same text stands elsewhere
            source = self._text.only(text) if origin is None else self._span(origin.element, origin.attribute)
            if source is not None:
                yield source

    def _span(self, element: Element, attribute: str) -> Source | None:
        """The source of an attribute, or of a whole element."""
        location = _location(element)
        if location is None:
            return None  # the browser's tree has it, the body has not
        span = location.attrs.get(attribute, location.start_tag)
        end = span.end_offset if attribute in location.attrs else _end(element, span.end_offset)
        return self._text.between(span.start_offset, end)


def _end(element: Element, start_tag: int) -> int:
    """Where an element ends; of one that is not closed, where the next begins or one around it ends."""
    if (own := _location(element)) is not None and own.end_tag is not None:
        return own.end_tag.end_offset
    if not len(element):
        return start_tag
    node: Node | None = element
    while isinstance(node, Element):
        if (after := next(filter(None, map(_location, node.next_siblings)), None)) is not None:
            return after.start_tag.start_offset
        node = node.parent
        if (around := _location(node)) is not None and around.end_tag is not None:
            return around.end_tag.start_offset
    return sys.maxsize


def _location(node: Node | None) -> SourceLocation | None:
    return node.source_location if isinstance(node, Element) else None


def _steps(traced: FieldTrace) -> Sequence[tuple[Step, Sequence[str]]]:
    return traced.steps[0][1] if traced.steps else ()


def _origins(rule: Rule, place: Place) -> list[Origin]:
    """The values of a rule with their places, if its kind can tell them."""
    reader = compile_rule(rule)
    return list(reader.origins(place)) if isinstance(reader, LocatingReader) else []
