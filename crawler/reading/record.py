"""What rules read from one document: records, each with its key, its values and what is wrong with them."""

from __future__ import annotations

from typing import Any

import msgspec

Value = Any
"""What JSON can hold. Text is folded; money is ``{"amount": 12.5, "currency": "EUR"}``; a date ISO 8601."""
NOTHING: tuple[Value, ...] = (None, "", [], {})
"""Values that say nothing: a field that has one of them was not read."""


class Problem(msgspec.Struct, frozen=True):
    """Why a field has no value though its rule matched, or has none though it is required."""

    reason: str  # a sentence for people
    raw: str = ""  # what was there


class ReadRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record as one document shows it."""

    collection: str
    position: int = 0  # among those of its collection in the document, in document order
    key: tuple[str, ...] | None = None  # the texts of its key fields; None: it is known by page and position
    values: dict[str, Value] = {}
    problems: dict[str, Problem] = {}  # by field, nested ones as "offers.0.price"
