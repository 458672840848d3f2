"""What a type may look at besides the raw value, and how a raw value is named in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

from crawler.reading.record import Value

MAX_SHORT = 500  # characters of a text that is to be a number, money, a date or a yes or no


class Setting(NamedTuple):
    """The locale, the zone of dates that name none, the page's URL; each may be empty."""

    locale: str = ""
    zone: str = ""
    base: str = ""


Convert = Callable[[Value, Setting], Value]
"""A type; ValueError with a sentence for people if the raw value does not convert."""


def shown(raw: Value) -> str:
    """A raw value for a sentence, cut to some 60 characters."""
    text = repr(raw) if isinstance(raw, str) else json.dumps(raw, default=str)
    return text if len(text) <= 62 else f"{text[:60]}…"


def short_text(raw: Value, what: str) -> str:
    """A text that is short enough to be ``what``; ValueError if it is not, or no text at all."""
    if not isinstance(raw, str) or not raw.strip() or len(raw) > MAX_SHORT:
        raise ValueError(f"{shown(raw)} is not {what}.")
    return raw.strip()
