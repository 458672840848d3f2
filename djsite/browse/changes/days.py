"""Rows under headings: the days of a list, or the kinds of what happened in a run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from djsite.desk.events.rows import ShownEvent


def by_day(rows: Iterable[ShownEvent], now: datetime) -> list[tuple[str, list[ShownEvent]]]:
    """Rows in the order of their time, each day (UTC) under its name."""
    today = now.astimezone(UTC).date()
    groups = groupby(rows, key=lambda row: row.event.at.astimezone(UTC).date())
    return [(_day(day, today), list(group)) for day, group in groups]


def by_kind(rows: Iterable[ShownEvent]) -> list[tuple[str, list[ShownEvent]]]:
    """Rows in the order of their kind, each kind under its name."""
    groups = groupby(rows, key=lambda row: row.event.get_kind_display())
    return [(kind.capitalize(), list(group)) for kind, group in groups]


def _day(day: date, today: date) -> str:
    if day == today:
        return "Today"
    return "Yesterday" if day == today - timedelta(days=1) else f"{day:%A %-d %B %Y}"
