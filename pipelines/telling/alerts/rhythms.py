"""When an alert tells of what has met it: at once, or together with the rest of an hour, a day or a week."""

from __future__ import annotations

from datetime import datetime, time

from catalog.models import Alert
from crawler.seeds import cron

Rhythm = Alert.Rhythm
MORNING = time(8)  # of an alert that names no time


def due_after(alert: Alert, met_at: datetime) -> datetime:
    """When people are told of what met an alert; in its own zone, by the rules of docs/schedules.md."""
    if alert.rhythm == Rhythm.AT_ONCE:
        return met_at
    try:
        return next(cron.times(_line(alert), alert.time_zone, met_at))
    except ValueError:  # a zone that this machine does not know: rather too early than never
        return met_at


def _line(alert: Alert) -> str:
    """The alert's rhythm as a cron line; there, Sunday is 0."""
    if alert.rhythm == Rhythm.HOURLY:
        return "0 * * * *"
    moment = alert.rhythm_time or MORNING
    weekday = "*" if alert.rhythm == Rhythm.DAILY else ((alert.rhythm_weekday or 0) + 1) % 7
    return f"{moment.minute} {moment.hour} * * {weekday}"
