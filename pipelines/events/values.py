"""What differs between the values that a record had and has, and what people call it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from crawler.reading.record import NOTHING, Value, amount_of, same

_NAMES = ("title", "name", "headline", "product", "heading", "label", "subject", "question")
SHORT = 200  # characters of a text that may be what people call a thing


class FieldChange(NamedTuple):
    """One field that has another value. The numbers are those of :func:`difference`."""

    field: str
    before: Value
    after: Value
    difference: float | None
    percent: float | None


def field_changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[FieldChange]:
    """The fields that differ, in the order of ``after``. What is absent, null or empty is the same."""
    for name in {**after, **before}:
        old, new = (None if values.get(name) in NOTHING else values[name] for values in (before, after))
        if not same(old, new):
            yield FieldChange(name, old, new, *difference(old, new))


def difference(before: Value, after: Value) -> tuple[float | None, float | None]:
    """By how much a number, or money of one currency, went up, and by how many percent of what it was.

    Nothing for other values; no percentage of zero, and none that no float can hold: JSON has no infinity.
    Below zero, up is still more.
    """
    old, new = amount_of(before), amount_of(after)
    if old is None or new is None or old[1] != new[1]:
        return None, None
    was, now = (Decimal(str(number)) for number, _ in (old, new))  # exactly as they are written
    return _finite(now - was), _finite((now - was) / abs(was) * 100) if was else None


def _finite(number: Decimal) -> float | None:
    return float(number) if math.isfinite(float(number)) else None


def subject_of(values: Mapping[str, Value], key: Sequence[str]) -> str:
    """What people call a record: its title or name, else its first short text, else its key."""
    texts = {
        name: value for name, value in values.items() if isinstance(value, str) and 0 < len(value) <= SHORT
    }
    by_name = (texts[name] for word in _NAMES for name in texts if word in name.lower().split("_"))
    words = (value for value in texts.values() if "://" not in value and any(map(str.isalpha, value)))
    return next(by_name, None) or next(words, None) or " ".join(key)
