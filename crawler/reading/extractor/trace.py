"""How the values of a document came about: what each rule matched, each step, the value."""

from __future__ import annotations

from typing import Any

import msgspec

from crawler.collections import Collection, Field, Rule, Step
from crawler.reading import steps
from crawler.reading.document import Document
from crawler.reading.extractor.extractor import compile_collections
from crawler.reading.extractor.field import FieldReader
from crawler.reading.extractor.reading import Reading, text_of
from crawler.reading.fields import compile_rule
from crawler.reading.fields.kind import Place
from crawler.reading.record import Problem, Value

MAX_MATCHES = 20  # of a rule that are shown
MAX_TEXT = 1000  # characters of one of them


class RuleTrace(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule of a field matched in one place."""

    rule: Rule
    matches: int = 0
    first: tuple[Value, ...] = ()  # the first of them, shortened
    problem: str = ""  # why the rule cannot be used


class FieldTrace(msgspec.Struct, frozen=True, kw_only=True):
    """How one field of one record came about."""

    name: str
    type: str
    rules: tuple[RuleTrace, ...]
    steps: tuple[tuple[str, tuple[tuple[Step, tuple[str, ...]], ...]], ...] = ()  # by text
    value: Value = None
    problems: dict[str, Problem] = {}


class RecordTrace(msgspec.Struct, frozen=True, kw_only=True):
    """How one record came about."""

    collection: str
    position: int
    fields: tuple[FieldTrace, ...]


def trace(collections: tuple[Collection, ...], document: Document, positions: range) -> list[RecordTrace]:
    """How the records of each collection at some positions came about in a document."""
    reading = Reading(document)
    return [
        RecordTrace(
            collection=reader.collection.name,
            position=position,
            fields=tuple(_field(field, place, reading) for field in reader.fields),
        )
        for reader in compile_collections(collections).readers
        if reader.covers(document.url)
        for position, place in list(enumerate(reader.places(document)))[positions.start : positions.stop]
    ]


def _field(reader: FieldReader, place: Place, reading: Reading) -> FieldTrace:
    problems: dict[str, Problem] = {}
    value = reader.read(place, reading, problems)
    matched = [] if reader.nested else reader.matched(place)[:MAX_MATCHES]
    return FieldTrace(
        name=reader.name,
        type=reader.field.type,
        rules=tuple(_rule(rule, place) for rule in reader.field.rules),
        steps=tuple((text_of(each), _steps(text_of(each), reader.field, place)) for each in matched),
        value=value,
        problems=problems,
    )


def _rule(rule: Rule, place: Place) -> RuleTrace:
    try:
        matches = compile_rule(rule).all(place)
    except ValueError as error:
        return RuleTrace(rule=rule, problem=str(error))
    return RuleTrace(rule=rule, matches=len(matches), first=tuple(map(_short, matches[:MAX_MATCHES])))


def _steps(text: str, field: Field, place: Place) -> tuple[tuple[Step, tuple[str, ...]], ...]:
    try:
        traced = steps.trace(text, field.steps, base=place.document.url)
    except ValueError:  # said by the field's problem
        return ()
    return tuple((step, tuple(map(_short, texts))) for step, texts in traced)


def _short(value: Any) -> Any:
    return value[:MAX_TEXT] if isinstance(value, str) else value
