"""Types of values: from what a rule gave to what is kept. Text alone is known yet."""

from __future__ import annotations

import json

from crawler.reading.record import Value
from crawler.reading.text import fold

TYPES = {"text": ""}


def convert(raw: Value, type: str, *, locale: str, zone: str, base: str) -> Value:
    """The value of a type; ValueError with a sentence for people if it does not convert."""
    if type not in TYPES:
        raise ValueError(f"{type!r} is not a type. The types are: {', '.join(TYPES)}.")
    return fold(raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False))
