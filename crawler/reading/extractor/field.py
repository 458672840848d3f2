"""One field, compiled: the first of its rules that matches, its steps, its type."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from crawler.collections import Field, Rule
from crawler.reading import steps, types
from crawler.reading.extractor.reading import SHORT, Problems, Reading, check_size, problem, text_of
from crawler.reading.fields import compile_items, compile_rule
from crawler.reading.fields.kind import ItemReader, Place, RuleReader
from crawler.reading.record import Problem, Value

log = logging.getLogger(__name__)


T = TypeVar("T")


class FieldReader:
    """Reads one field in a place; the values of nested items are objects."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.name = field.name
        self.nested = tuple(map(FieldReader, field.fields))
        self.readers: Sequence[RuleReader] = () if self.nested else _compiled(field, compile_rule)
        self.items: Sequence[ItemReader] = _compiled(field, compile_items) if self.nested else ()
        self.is_plain = _says_no_more_than_its_rule(field) and len(self.readers) == 1

    def read(self, place: Place, reading: Reading, problems: Problems) -> Value | None:
        """The value; None without one. Adds to ``problems``, by the field's name, why there is none."""
        if self.is_plain:
            value = self.readers[0].first(place)
            if value is None or (type(value) is str and len(value) < SHORT):
                return value
        if self.nested:
            value = self._objects(place, reading, problems)
        else:
            matched = self.matched(place)
            value = self.typed(matched, place.document.url, problems)
        if self.field.required and value in (None, "", []) and self.name not in problems:
            problems[self.name] = Problem("This field is required, and the page has nothing for it.")
        return value

    def matched(self, place: Place) -> list[Value]:
        """What the first rule gives that gives something; without any that is not empty, an empty text."""
        empty: list[Value] = []
        for reader in self.readers:
            values = self.values_of(reader, place)
            if any(value != "" for value in values):
                return values
            empty = empty or values
        return empty

    def values_of(self, reader: RuleReader, place: Place) -> list[Value]:
        """What one rule gives: all of it where several values are wanted."""
        if self.field.many or self.field.type == "list":
            return list(reader.all(place))
        value = reader.first(place)
        return [] if value is None else [value]

    def typed(self, matched: list[Value], base: str, problems: Problems) -> Value | None:
        """What was matched, after the steps, as the type of the field."""
        try:
            cleaned = self.cleaned(matched, base)
        except ValueError as error:
            problems[self.name] = problem(error, matched[0] if matched else "")
            return [] if self.field.many else None
        if not self.field.many:
            raw = cleaned if self.field.type == "list" else cleaned[0] if cleaned else None
            return None if raw in (None, []) else self._converted(raw, base, self.name, problems)
        return [
            self._converted(raw, base, f"{self.name}.{position}", problems)
            for position, raw in enumerate(cleaned)
        ]

    def cleaned(self, matched: list[Value], base: str) -> list[Value]:
        """What was matched, after the steps; ValueError with a sentence for people if one fails."""
        for value in matched:
            check_size(value)
        if not self.field.steps:
            return matched
        return list(steps.clean([text_of(value) for value in matched], self.field.steps, base=base))

    def _converted(self, raw: Value, base: str, name: str, problems: Problems) -> Value | None:
        field = self.field
        if field.type == "text" and type(raw) is str and not field.steps:
            return raw  # as the rule gave it: folded, or markup
        try:
            return types.convert(raw, field.type, locale=field.locale, zone=field.zone, base=base)
        except ValueError as error:
            problems[name] = problem(error, raw)
            return None

    def places(self, place: Place) -> Sequence[Place]:
        """The nested items: those of the first rule that gives some."""
        places = next((places for items in self.items if (places := items.items(place))), ())
        return places if self.field.many else places[:1]

    def _objects(self, place: Place, reading: Reading, problems: Problems) -> Value | None:
        objects = []
        for position, item in enumerate(self.places(place)):
            if not reading.has_room(len(self.nested)):
                break
            within: Problems = {}
            objects.append({each.name: each.read(item, reading, within) for each in self.nested})
            where = f"{self.name}.{position}" if self.field.many else self.name
            problems.update({f"{where}.{name}": each for name, each in within.items()})
        return objects if self.field.many else objects[0] if objects else None


def _says_no_more_than_its_rule(field: Field) -> bool:
    return field == Field(name=field.name, rules=field.rules[:1])


def _compiled(field: Field, compile: Callable[[Rule], T]) -> list[T]:
    """The readers of the rules that can be used; the log names the others."""
    readers = []
    for rule in field.rules:
        try:
            readers.append(compile(rule))
        except ValueError as error:
            _warn(field, rule, error)
    return readers


def _warn(field: Field, rule: Rule, error: ValueError) -> None:
    what = "has no value" if len(field.rules) == 1 else f"has no value by its rule {rule.rule[:60]!r}"
    log.warning("the field %s %s on any page: %s", field.name, what, error)
