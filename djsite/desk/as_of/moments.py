"""The moment that a person writes: a date, or a date and a time, in UTC unless it says another zone."""

from __future__ import annotations

from datetime import UTC, datetime

EXAMPLE = "2026-11-20T08:00"


def moment_of(text: str, now: datetime) -> datetime:
    """A moment that is over, in UTC; a date alone is its beginning.

    Raises:
        ValueError: it is none; with a sentence.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"“{text}” is no time; write one such as {EXAMPLE} (UTC)") from error
    if moment > now:
        raise ValueError(f"{moment:%Y-%m-%d %H:%M} UTC is still to come; leave it out for how things are now")
    return moment
