"""The columns of a file: their names, their types and what they mean. They are known before a row is read."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

FIELDS = "fields"  # the column of a row that holds the fields of its page or record, by name
OTHERS = "other_fields"
FIELD_PREFIX = "field_"


class Type(StrEnum):
    """What the values of a column are, as JSON has them: moments are texts in the form of RFC 3339."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    MONEY = "money"
    NESTED = "nested"  # lists, objects, and what is of several types


class TooMuch(ValueError):
    """A format cannot hold these rows; the text is for people."""


class FieldType(NamedTuple):
    """A field that rows may have, and the type of its values. No name: fields that nobody has named."""

    name: str
    type: Type


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of a file. ``field``: the name of the field that it shows; empty: a column of every row."""

    name: str
    type: Type
    meaning: str = ""
    field: str = ""


_OF_FIELD_TYPES = {
    "text": Type.TEXT,
    "url": Type.TEXT,
    "number": Type.NUMBER,
    "money": Type.MONEY,
    "date": Type.DATE,
    "datetime": Type.MOMENT,
    "boolean": Type.BOOLEAN,
}


def type_of(field: dict[str, Any]) -> Type:
    """The type of the values that a rule in its plain form gives; what other packages add may be anything."""
    if field.get("many") or field.get("fields"):
        return Type.NESTED
    return _OF_FIELD_TYPES.get(field.get("type", "text"), Type.NESTED)


def columns_of(names: Iterable[str], fields: Iterable[FieldType]) -> list[Column]:
    """The columns of rows with these names, those of fields at the place of :data:`FIELDS`.

    A field that has several types, by the rules of several collections or times, is of :attr:`Type.NESTED`.
    """
    columns = []
    for name in names:
        if name != FIELDS:
            columns.append(Column(name, *_KNOWN.get(name, (Type.TEXT, ""))))
        else:
            columns += _of_fields(fields)
    return columns


def _of_fields(fields: Iterable[FieldType]) -> list[Column]:
    types: dict[str, Type] = {}
    for field in fields:
        types[field.name] = field.type if types.get(field.name, field.type) == field.type else Type.NESTED
    unnamed = types.pop("", None)
    columns = [
        Column(f"{FIELD_PREFIX}{name}", type, f"the field {name}", name) for name, type in types.items()
    ]
    return columns if unnamed is None else [*columns, Column(OTHERS, Type.NESTED, "further fields, by name")]


_KNOWN: dict[str, tuple[Type, str]] = {
    "change": (Type.TEXT, "new, changed or gone"),
    "url": (Type.TEXT, "the address of the page"),
    "final_url": (Type.TEXT, "the address that answered, after redirects"),
    "status": (Type.INTEGER, "the HTTP status of the answer"),
    "outcome": (Type.TEXT, "stored, unchanged, redirected, failed or skipped"),
    "reason": (Type.TEXT, "why, if nothing was stored"),
    "verdict": (Type.TEXT, "what was answered instead of a page, such as login_page"),
    "evidence": (Type.TEXT, "what shows that"),
    "depth": (Type.INTEGER, "links from a start address"),
    "content_type": (Type.TEXT, "the media type"),
    "fetched_at": (Type.MOMENT, "when it was fetched"),
    "seed": (Type.TEXT, "the name of the seed"),
    "title": (Type.TEXT, "the title of the page"),
    "size": (Type.INTEGER, "bytes of the newest version"),
    "versions": (Type.INTEGER, "how many versions it had"),
    "first_stored_at": (Type.MOMENT, "when it was stored first"),
    "last_fetched_at": (Type.MOMENT, "when it was fetched last"),
    "looks": (Type.INTEGER, "how often the page was looked at"),
    "changes": (Type.INTEGER, "how often its content had changed"),
    "collection": (Type.TEXT, "the kind of record"),
    "key": (Type.NESTED, "the texts of the key fields; none: known by its page and position"),
    "position": (Type.INTEGER, "its place among the records of its page, from 0"),
    "first_seen_at": (Type.MOMENT, "when it was seen first"),
    "last_seen_at": (Type.MOMENT, "when it was seen last"),
    "last_changed_at": (Type.MOMENT, "when a value of it changed last"),
    "gone_at": (Type.MOMENT, "since when it is gone; empty: it is there"),
    "record": (Type.INTEGER, "the number of the record: what stands behind its values is found by it"),
    "content_hash": (Type.TEXT, "sha256 of the stored page from which the values were read"),
    "run": (Type.INTEGER, "the run in which that version was stored"),
    "id": (Type.INTEGER, "its number"),
    "at": (Type.MOMENT, "when it happened"),
    "kind": (Type.TEXT, "what happened"),
    "field": (Type.TEXT, "the field that changed"),
    "before": (Type.NESTED, "the value before"),
    "after": (Type.NESTED, "the value since"),
    "difference": (Type.NUMBER, "after less before, of numbers"),
    "percent": (Type.NUMBER, "the difference in percent of the value before"),
    "subject": (Type.TEXT, "what people call it"),
    "detail": (Type.TEXT, "a sentence"),
    "since": (Type.MOMENT, "since when it had these values"),
    "until": (Type.MOMENT, "until when; empty: it has them"),
    "version": (Type.INTEGER, "the number of the stored version"),
}
