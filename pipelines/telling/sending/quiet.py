"""Quiet hours of a channel: a time of each local day in which nothing is sent."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from catalog.models import Channel


def quiet_end(channel: Channel, at: datetime) -> datetime | None:
    """When the quiet hours that ``at`` lies in are over; None if it lies in none.

    Local times are those of the wall: an hour that is there twice is quiet twice, and one that is left out
    ends the quiet hours when it would have been.
    """
    begin, end = channel.quiet_from, channel.quiet_until
    if begin is None or end is None or begin == end:
        return None
    local = at.astimezone(ZoneInfo(channel.time_zone))
    return _next(end, local) if _within(local.time(), begin, end) else None


def _within(clock: time, begin: time, end: time) -> bool:
    return begin <= clock < end if begin < end else clock >= begin or clock < end


def _next(clock: time, local: datetime) -> datetime:
    """The first moment after ``local`` at which the clock on the wall shows this time."""
    zone, now = local.tzinfo, local.timestamp()
    for days in (0, 1):
        date = local.date() + timedelta(days=days)
        for fold in (0, 1):
            moment = datetime.combine(date, clock.replace(fold=fold), zone)
            if moment.timestamp() > now:
                return datetime.fromtimestamp(moment.timestamp(), UTC)  # in a zone of its own it equals none
    raise AssertionError("tomorrow is later than now")
