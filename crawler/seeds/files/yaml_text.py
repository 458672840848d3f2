"""YAML as people write it: plain values, the line of each, and a sentence for what cannot be read.

A small part of YAML 1.2: mappings, lists, texts, numbers, true, false and null. Anchors, aliases and tags are
refused, so that a small file cannot stand for a large one, and so are keys that stand twice. ``yes``, ``no``
and ``12:30`` are texts, as they look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

MAX_CHARACTERS = 5_000_000
MAX_DEPTH = 40  # values in values
Place = tuple[str | int, ...]
"""Where a value stands: the number of its document, then keys and numbers of entries."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where it is built
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_REAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]{1,3})?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


class YamlText(NamedTuple):
    """What a text holds: a value for each document, and for each place its line, from 1."""

    documents: list[Any]
    lines: dict[Place, int]


class WrongYaml(ValueError):
    """The text cannot be read; a sentence for people, and the line."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


def read_yaml(text: str) -> YamlText:
    """The values of a text. Raises WrongYaml at the first part that cannot be read."""
    if len(text) > MAX_CHARACTERS:
        raise WrongYaml(
            1, f"The file has more than {MAX_CHARACTERS:,} characters. Split it into smaller files."
        )
    builder = _Builder(yaml.parse(text, Loader=_LOADER))
    try:
        return YamlText(builder.documents(), builder.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise WrongYaml(line, _sentence(error, text, line)) from error
    except yaml.YAMLError as error:  # a character that no YAML may hold
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise WrongYaml(line, "It holds a character that YAML does not allow, such as a NUL.") from error


def _sentence(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    lines = text.splitlines()
    indent = re.match(r"\s*", lines[line - 1])[0] if line <= len(lines) else ""  # type: ignore[index]
    if "\t" in indent:
        return "The line begins with a tab. YAML takes spaces only: write two for each step inwards."
    return (
        f"This is not YAML ({error.problem}). Look at quotes that do not end, at spaces before the line, and "
        "at texts with ': ' or ' #' in them, which have to stand in quotes."
    )


class _Builder:
    """Makes values of the parser's events; nothing is built twice, and nothing is called by a name."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.lines: dict[Place, int] = {}

    def documents(self) -> list[Any]:
        documents: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents.append(self._value(next(self.events), (len(documents),)))
        return documents

    def _value(self, event: Any, place: Place) -> Any:
        line = event.start_mark.line + 1
        self.lines.setdefault(place, line)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise WrongYaml(
                line, "Anchors and aliases (& and *) are not read. Write the value out, or put it in quotes."
            )
        if event.tag is not None:
            raise WrongYaml(line, f"Tags such as {event.tag!r} are not read. Put the value in quotes.")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, line)
        if len(place) > MAX_DEPTH:
            raise WrongYaml(line, f"It is nested more than {MAX_DEPTH} deep.")
        return self._list(place) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(place)

    def _list(self, place: Place) -> list[Any]:
        entries: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            entries.append(self._value(event, (*place, len(entries))))
        return entries

    def _mapping(self, place: Place) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise WrongYaml(line, "A name before a colon has to be a text.")
            if event.value in pairs:
                first = self.lines[(*place, event.value)]
                raise WrongYaml(line, f"{event.value!r} stands here twice, first in line {first}.")
            self.lines[(*place, event.value)] = line
            pairs[event.value] = self._value(next(self.events), (*place, event.value))
        return pairs


def _scalar(event: Any, line: int) -> Any:
    """A value without quotes may be a number, true, false or nothing; all else is a text."""
    text: str = event.value
    if re.search("[\0\ud800-\udfff]", text):
        raise WrongYaml(line, "It holds a character that no text can have (NUL, or half of a pair).")
    if not event.implicit[0]:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text
