"""The types ``list`` and ``object``: values of a JSON document, or a text that is JSON."""

from __future__ import annotations

import msgspec

from crawler.reading.record import Value
from crawler.reading.text import storable
from crawler.reading.types.exact import is_number
from crawler.reading.types.setting import Setting, shown

MAX_DEPTH = 50  # lists and objects inside each other


def listed(raw: Value, setting: Setting) -> Value:
    """A list."""
    return _of_kind(raw, list, "a list")


def mapping(raw: Value, setting: Setting) -> Value:
    """An object: names with values."""
    return _of_kind(raw, dict, "an object")


def _of_kind(raw: Value, kind: type, what: str) -> Value:
    value = _decoded(raw, what) if isinstance(raw, str) else raw
    if not isinstance(value, kind):
        raise ValueError(f"{shown(raw)} is not {what}.")
    return _storable(value, MAX_DEPTH)


def _decoded(text: str, what: str) -> Value:
    try:
        return msgspec.json.decode(storable(text))
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ValueError(f"{shown(text)} is not {what}.") from error


def _storable(value: Value, depth: int) -> Value:
    """The value with nothing in it that a database refuses."""
    if isinstance(value, str):
        return storable(value)
    if is_number(value):
        return value
    if depth < 0:
        raise ValueError(f"It has more than {MAX_DEPTH} lists and objects inside each other.")
    if isinstance(value, dict):
        return {storable(name): _storable(part, depth - 1) for name, part in value.items()}
    return [_storable(part, depth - 1) for part in value] if isinstance(value, list) else value
