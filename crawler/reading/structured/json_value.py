"""JSON text and values, bounded: no nesting that kills whoever walks it, and nothing a database refuses."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

from crawler.reading.text import storable

Json = Any
"""What JSON can hold."""

MAX_DEPTH = 200  # arrays and objects inside each other

_TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"
_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # what cannot be stored, as JSON writes it
_LARGE_NUMBER = re.compile(r"\d[eE]\+?\d{3}|\d{19}")
_LONGEST = 21  # characters of a whole number that can be of 64 bits
_BLANK = "\ufeff\x1e \t\r\n"  # around a value; U+001E before those of application/json-seq (RFC 7464)


def load_json(text: str, *, strict: bool = True) -> Json:
    """The value of a JSON text; a name that comes twice has its last value.

    If not ``strict``, texts in it may hold line ends and other control characters.

    Whole numbers beyond 64 bits, and others beyond a float, are the texts of their digits. ``NaN`` and
    ``Infinity``, which JSON does not have, are null.

    Raises:
        ValueError: it is no JSON, or nested deeper than :data:`MAX_DEPTH`; says where and why.
    """
    text = text.strip(_BLANK)
    try:
        value = json.loads(text, **reading_numbers(text)) if strict else _LENIENT.decode(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if text.count("[") + text.count("{") > MAX_DEPTH:
        check_depth(value)
    return value if _is_storable(text) else storable_value(value)


def _is_storable(text: str) -> bool:
    """Whether all texts in a JSON text can be stored. To encode it takes a tenth of the time of a search."""
    try:
        return b"\0" not in text.encode() and not _ESCAPED.search(text)
    except UnicodeEncodeError:  # surrogates
        return False


def load_lines(text: str) -> list[Json] | None:
    """The values of several lines; None unless each is an object or a list."""
    lines = _filled(text)
    values = []
    for line in lines if len(lines) > 1 else ():
        try:
            values.append(load_json(line))
        except ValueError:
            return None
    return values if values and all(isinstance(value, dict | list) for value in values) else None


def load_each(text: str) -> list[Json]:
    """The values of the lines that can be read: the last one may still be written.

    Raises:
        ValueError: no line can.
    """
    values, problem = [], None
    for line in _filled(text):
        try:
            values.append(load_json(line))
        except ValueError as error:
            problem = problem or error
    if problem and not values:
        raise problem
    return values


def show_json(value: Json) -> str:
    """The value as people read it: JSON with every letter as it is."""
    return json.dumps(value, ensure_ascii=False)


def _filled(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip(_BLANK)]


def reading_numbers(text: str) -> dict[str, Any]:
    """Arguments for a decoder of :mod:`json`: the numbers of a text as :func:`load_json` gives them."""
    if _LARGE_NUMBER.search(text):  # seldom, and functions of ours for each number are slow
        return {"parse_int": _whole, "parse_float": _float, "parse_constant": _no_number}
    return {"parse_constant": _no_number}


def _whole(text: str) -> int | str:
    number = int(text) if len(text) < _LONGEST else None
    return number if number is not None and -(2**63) <= number < 2**64 else text


def _float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _no_number(_: str) -> None:
    return None


def check_depth(value: Json) -> Json:
    """The value; ValueError if it is nested deeper than :data:`MAX_DEPTH`."""
    level = [value]  # by levels: a walk that calls itself would be what it guards against
    for _ in range(MAX_DEPTH + 1):
        level = [part for whole in level for part in _parts(whole) if isinstance(part, dict | list)]
        if not level:
            return value
    raise ValueError(_TOO_DEEP)


def _parts(value: Json) -> Iterable[Json]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def storable_value(value: Json) -> Json:
    """A value whose texts can all be stored. It is not nested deeper than :data:`MAX_DEPTH`."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(name): storable_value(part) for name, part in value.items()}
    return [storable_value(part) for part in value] if isinstance(value, list) else value


_LENIENT = json.JSONDecoder(
    strict=False, parse_int=_whole, parse_float=_float, parse_constant=_no_number
)  # made once: pages hold many small texts with few numbers, where a look for large ones costs more
