"""JSON as pages hold it: with comments, trailing commas and marks around it, which are forgiven."""

from __future__ import annotations

import json
import re

from crawler.reading.structured.json_value import Json, load_json

_AROUND = " \t\r\n;"
_NOISE = re.compile(
    r'(?P<kept>"(?:[^"\\]|\\.)*+(?:"|\Z))|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)'
    r"|<!--|-->|<!\[CDATA\[|\]\]>",
    re.DOTALL,
)
_TRAILING = re.compile(r'(?P<kept>"(?:[^"\\]|\\.)*+(?:"|\Z))|,(?=\s*+[}\]])', re.DOTALL)


def load_lenient(text: str) -> Json:
    """The value of a JSON text as of :func:`load_json`; ValueError if it is none even then, or too deep."""
    text = text.strip(f"\ufeff{_AROUND}")
    try:
        return load_json(text, strict=False)
    except json.JSONDecodeError:
        clean = _TRAILING.sub(_kept, _NOISE.sub(_kept, text))
        return load_json(clean.strip(_AROUND), strict=False)


def _kept(match: re.Match[str]) -> str:
    return match["kept"] or ""
