"""Numbers as JSON holds them, exactly as they were written.

A decimal of at most 15 significant digits is kept by a float (IEEE 754 binary64, 53 bits): the shortest text
that gives that float is the decimal again, which is what JSON writes. More digits are refused.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal

from crawler.reading.record import Value

DIGITS = 15
CONTEXT = Context(prec=1000)
"""For arithmetic that rounds nothing of a short text."""
_MAX_INTEGER = 1 << 63  # what a segment and a database can hold


def exact(decimal: Decimal) -> int | float:
    """A whole number as int, else the float that is written like the decimal; ValueError if inexact."""
    sign, digits, exponent = decimal.normalize(CONTEXT).as_tuple()
    if len(digits) > DIGITS or not isinstance(exponent, int) or abs(exponent) > 2 * DIGITS:
        raise ValueError(f"A number with more than {DIGITS} digits cannot be kept exactly.")
    return int(decimal) if exponent >= 0 else float(decimal)


def is_number(raw: Value) -> bool:
    """Whether this is a number already. ValueError for one that cannot be stored."""
    if isinstance(raw, float) and not math.isfinite(raw):
        raise ValueError(f"{raw} is not a number.")
    if isinstance(raw, int) and not -_MAX_INTEGER <= raw < _MAX_INTEGER:
        raise ValueError("A whole number of more than 64 bits cannot be stored.")
    return isinstance(raw, int | float) and not isinstance(raw, bool)
