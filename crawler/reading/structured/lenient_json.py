"""JSON as pages hold it: with comments, trailing commas and marks around it, which are forgiven."""

from __future__ import annotations

import json
import re
from typing import Any

from crawler.reading.text import storable

MAX_DEPTH = 200  # arrays and objects inside each other

_HOLDERS = (dict, list)
_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # what is unstorable, as JSON writes it
_NOISE = re.compile(
    r'(?P<kept>"(?:[^"\\]|\\.)*+(?:"|\Z))|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)'
    r"|<!--|-->|<!\[CDATA\[|\]\]>",
    re.DOTALL,
)
_TRAILING = re.compile(r'(?P<kept>"(?:[^"\\]|\\.)*+(?:"|\Z))|,(?=\s*+[}\]])', re.DOTALL)


def load_lenient(text: str) -> Any:
    """The value of a JSON text; ValueError if it is none even then, or nested too deep."""
    text = text.strip("\ufeff \t\r\n;")
    try:
        value = _load(text)
    except json.JSONDecodeError:
        clean = _TRAILING.sub(_kept, _NOISE.sub(_kept, text))
        value = _load(clean.strip(" \t\r\n;"))
    return value if _is_storable(text) else safe(value)


def _is_storable(text: str) -> bool:
    """Whether all texts in a JSON text can be stored. To encode it takes a tenth of the time of a search."""
    try:
        return b"\0" not in text.encode() and not _ESCAPED.search(text)
    except UnicodeEncodeError:  # surrogates
        return False


def safe(value: Any) -> Any:
    """A value whose texts can all be stored. It is not nested deeper than :data:`MAX_DEPTH`."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(name): safe(part) for name, part in value.items()}
    return [safe(part) for part in value] if isinstance(value, list) else value


def check_depth(value: Any) -> Any:
    """The value; ValueError if it is nested too deep. Level by level, so that no depth kills the walk."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [part for whole in level for part in _parts(whole) if isinstance(part, _HOLDERS)]
        if not level:
            return value
    raise ValueError("the data is nested too deep")


def _load(text: str) -> Any:
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("the data is nested too deep") from None
    return value if text.count("{") + text.count("[") <= MAX_DEPTH else check_depth(value)


def _whole(digits: str) -> int | str:
    """A number of more digits than a database holds stays text."""
    return int(digits) if len(digits) < 19 else digits


_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None, parse_int=_whole)


def _kept(match: re.Match[str]) -> str:
    return match["kept"] or ""


def _parts(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value
