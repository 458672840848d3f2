"""A promise in words: ``By 08:15 UTC at least 500 products, …, else tell Mail and hold the exports``."""

from __future__ import annotations

from catalog.models import Promise
from djsite.desk.words import WEEKDAYS

_SETS = {"0123456": "", "01234": " on weekdays", "56": " on weekends"}


def words_of(promise: Promise) -> str:
    """What it says, without a full stop."""
    by = f"By {promise.deadline:%H:%M} {promise.time_zone}{days_of(promise)}"
    kind = promise.collection or "pages or records"
    amount = f"at least {promise.least:,} {kind}" if promise.least is not None else f"as many {kind} as usual"
    complete = ", each field as complete as usual" if promise.as_complete else ""
    channels = [channel.name for channel in promise.channels.all()]
    acts = [f"tell {' and '.join(channels)}"] if channels else []
    acts += ["hold the exports"] if promise.hold_exports else []
    return f"{by} {amount}{complete}, else {' and '.join(acts) or 'show it here'}"


def days_of(promise: Promise) -> str:
    """``on Monday, Friday``; nothing if it is every day."""
    if (words := _SETS.get(promise.weekdays)) is not None:
        return words
    return f" on {', '.join(WEEKDAYS[int(day)] for day in promise.weekdays)}"
