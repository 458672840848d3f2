"""What a filter compares values with: a number, a day or a moment, or two of these."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

RANGE = ".."  # between the ends of a range: ``10..20``
_AGO = re.compile(r"([0-9]{1,4})([hd])")  # 24h, 7d
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?.{0,6})?", re.ASCII
)


def number(text: str) -> float | None:
    """A number that a float holds, with a point or a comma for decimals; None for anything else."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def day(text: str) -> str | None:
    """A day, or a day and a time, as ISO 8601 and as dates of records are written; None for anything else."""
    if not _ISO.fullmatch(text):
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text.replace(" ", "T", 1)


def size(text: str) -> float | str:
    """A number or a day. Raises ValueError, with a half sentence, if it is neither."""
    amount = number(text)
    value = day(text) if amount is None else amount
    if value is None:
        raise ValueError(f"“{text}” is neither a number such as 12.5 nor a date such as 2026-11-20")
    return value


def span(text: str) -> tuple[float, float] | tuple[str, str]:
    """The ends of ``10..20``, two numbers or two days. Raises ValueError, with a half sentence."""
    low, dots, high = text.partition(RANGE)
    if not dots:
        raise ValueError(f"“{text}” is no range; write its two ends with two dots between, such as 10..20")
    ends = size(low.strip()), size(high.strip())
    if isinstance(ends[0], str) and isinstance(ends[1], str):
        return ends[0], ends[1]
    if isinstance(ends[0], float) and isinstance(ends[1], float):
        return ends[0], ends[1]
    raise ValueError(f"“{text}” goes from a number to a date; write two of the same kind")


def since(text: str, now: datetime) -> datetime:
    """So many hours or days before ``now`` (``24h``, ``7d``), or a day or moment in UTC.

    Raises:
        ValueError: it is none of these; with a half sentence.
    """
    if ago := _AGO.fullmatch(text):
        count = int(ago[1])
        return now - (timedelta(hours=count) if ago[2] == "h" else timedelta(days=count))
    if day(text) is None:
        raise ValueError(f"“{text}” is no time; write 24h, 7d or a date such as 2026-11-20")
    return moment(text)


def moment(text: str) -> datetime:
    """A day or moment of ISO 8601, in UTC unless it names another zone. Raises ValueError."""
    try:
        value = datetime.fromisoformat(text)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"“{text}” is no time; write one such as 2026-11-20T08:00 (UTC)") from error
