"""Field rules: their kinds, and the rules of one policy, compiled once for all its documents."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import cast

import msgspec

from crawler.policy import FieldRule
from crawler.reading.document import Document
from crawler.reading.fields.kind import FieldKind, FieldReader, FieldValue

KINDS = {
    "css": "crawler.reading.fields.css",
    "xpath": "crawler.reading.fields.xpath",
    "main_text": "crawler.reading.fields.main_text",
}
"""The module of every kind of rule, by its key in plain form. Loaded at first use, so that a process that
only reads seeds does not load it."""


log = logging.getLogger(__name__)

MAX_RULE = 2000  # characters: an engine may take a time that grows with their square
_FIRST_KIND = "css"


class Extractor:
    """The compiled rules of one policy. Built by :func:`compile_rules`."""

    def __init__(self, fields: Sequence[FieldRule]) -> None:
        self._readers = tuple((field.name, _reader_of(field)) for field in fields)

    def extract(self, document: Document) -> dict[str, FieldValue]:
        """Field name to value, None where the document has none."""
        return {name: read(document) for name, read in self._readers}


def kind_of(field: FieldRule) -> FieldKind:
    """The kind of a rule; ValueError with a sentence for people if it is not known, or the rule too long."""
    if field.kind not in KINDS:
        raise ValueError(f"{field.kind!r} is not a kind of field. The kinds are: {', '.join(KINDS)}.")
    if len(field.rule) > MAX_RULE:
        raise ValueError(f"The rule of {field.name[:60]!r} is longer than {MAX_RULE} characters.")
    return cast(FieldKind, import_module(KINDS[field.kind]))


def check_rule(field: FieldRule) -> None:
    """ValueError with a sentence for people if a rule cannot be used."""
    kind_of(field).check(field.rule)


@lru_cache(maxsize=256)
def compile_rules(fields: tuple[FieldRule, ...]) -> Extractor:
    """The extractor of these rules. A rule that cannot be used (of an older release) has no value."""
    return Extractor(fields)


def _reader_of(field: FieldRule) -> FieldReader:
    try:
        return kind_of(field).compile(field.rule)
    except ValueError as error:
        log.warning("the field %s has no value on any page: %s", field.name, error)
        return _no_value


def _no_value(document: Document) -> FieldValue:
    return None


@lru_cache(maxsize=1024)
def rules_digest(fields: tuple[FieldRule, ...]) -> str:
    """A digest of the rules in any order, as 16 hex characters; an empty string without rules."""
    if not fields:
        return ""
    parts = sorted(map(_parts, fields))
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def _parts(field: FieldRule) -> tuple[str, ...]:
    """The parts of a rule. CSS has no kind here: it was the only kind when digests were first stored."""
    return (field.name, field.rule) if field.kind == _FIRST_KIND else (field.name, field.rule, field.kind)
