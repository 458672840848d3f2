"""The JSON Schema of a file of seeds, made from the definition of a seed: editors check by it."""

from __future__ import annotations

import json
from typing import Any

from crawler.seeds.checks import LONGEST_INTERVAL
from crawler.seeds.files.groups import COLUMNS, GROUPS
from crawler.seeds.files.settings import SETTINGS, Kind, default_of, kind_of, may_be_nothing, word_of, words
from crawler.seeds.numbers import is_whole, range_of

_LINES = {"type": "array", "items": {"type": "string"}}
_KINDS: dict[Kind, dict[str, Any]] = {
    Kind.FLAG: {"type": "boolean"},
    Kind.TEXT: {"type": "string"},
    Kind.LINES: _LINES,
    Kind.PARTS: {"type": "array", "items": {"type": "object"}},
}
_PARTS = {
    "fields": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/field"}]},
    "collections": {"$ref": "#/$defs/collection"},
    "requests": {"type": "object", "required": ["url"]},
}
_FIELD = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "or": {"type": "array", "items": {"type": "object"}},
        "many": {"type": "boolean"},
        "required": {"type": "boolean"},
        "type": {"type": "string"},
        "locale": {"type": "string"},
        "zone": {"type": "string"},
        "steps": {"type": "array"},
        "fields": {"type": "array", "items": {"$ref": "#/$defs/field"}},
    },
}
_COLLECTION = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "fields": {"type": "array", "items": {"$ref": "#/$defs/field"}},
        "pages": _LINES,
        "items": {"type": "object"},
        "key": _LINES,
        "next": {"type": "object"},
        "extractor": {"type": "string"},
        "code": {"type": "string"},
    },
}


def schema() -> dict[str, Any]:
    """The schema, as plain data (JSON Schema 2020-12)."""
    seed = {
        "type": "object",
        "required": ["name", "start_urls"],
        "additionalProperties": False,
        "properties": {name: _setting(name) for name in SETTINGS},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Seeds of Crawlbeat",
        "type": "object",
        "required": ["seeds"],
        "additionalProperties": False,
        "properties": {
            GROUPS: {"type": "array", "items": {"$ref": "#/$defs/group"}},
            "seeds": {"type": "array", "items": {"$ref": "#/$defs/seed"}},
        },
        "$defs": {"seed": seed, "group": _group(), "field": _FIELD, "collection": _COLLECTION},
    }


def schema_text() -> str:
    """The schema as it is published in docs/seeds.schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _group() -> dict[str, Any]:
    """What a group gives; what it does not say is each seed's own."""
    given = {name: _setting(name) for name in COLUMNS}
    for form in given.values():
        form.pop("default", None)
    return {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {"name": {"type": "string", "description": "By which seeds name it."}, **given},
    }


def _setting(name: str) -> dict[str, Any]:
    kind, usual = kind_of(name), default_of(name)
    if kind is Kind.NUMBER:
        form = _number(name)
    elif kind is Kind.CHOICE:
        form, usual = {"enum": words(name)}, word_of(name, usual)
    else:
        form = _KINDS[kind] | ({"items": _PARTS[name]} if name in _PARTS else {})
    said = {"description": SETTINGS[name], **form}
    return said if name == "name" or kind in (Kind.LINES, Kind.PARTS) else {**said, "default": usual}


def _number(name: str) -> dict[str, Any]:
    if name == "interval_seconds":
        return {"type": ["integer", "null"], "minimum": 1, "maximum": LONGEST_INTERVAL}
    least, most = range_of(name)
    kind = "integer" if is_whole(name) else "number"
    return {"type": [kind, "null"] if may_be_nothing(name) else kind, "minimum": least, "maximum": most}
