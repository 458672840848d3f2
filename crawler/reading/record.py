"""What rules read from one document: records, each with its key, its values and what is wrong with them."""

from __future__ import annotations

import sys
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


def is_money(value: Value) -> bool:
    """Whether a value is an amount of money."""
    return isinstance(value, dict) and value.keys() == {"amount", "currency"}


def amount_of(value: Value) -> tuple[int | float, str] | None:
    """The number in a value and its currency, which is empty for plain numbers and where none is said.

    None for what is no number, or one that no float can hold.
    """
    number, currency = (value["amount"], value["currency"] or "") if is_money(value) else (value, "")
    if not isinstance(number, int | float) or isinstance(number, bool):
        return None
    return (number, currency) if abs(number) <= sys.float_info.max else None


def same(left: Value, right: Value) -> bool:
    """Whether two values are equal as JSON: ``true`` is not 1, but 1.0 is."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)
