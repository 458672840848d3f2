"""Slots: the due times of a seed, computed in its own time zone. Pure; all instants are UTC.

Over daylight-saving changes the wall time is kept:

- cron at set times acts as Debian's: what falls into a gap comes at its end, what comes twice acts once.
  With ``*`` in the minute or hour field it goes by elapsed time.
- whole days keep the wall time of the seed's creation; in a gap they come as much later as the gap is
  long, in an overlap the first time. Other intervals are elapsed time.

Intervals count from the seed's creation, so due times never drift.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from djsite.catalog.models import Seed

DAY = 86400
_WINDOWS = [timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=400)]
_UNITS = [(DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second")]
_FIELDS = "minute, hour, day of month, month, day of week"


def rule_of(seed: Seed) -> str:
    """The schedule in one line: a seed's ``next_slot`` holds as long as this stays the same."""
    if seed.schedule == Seed.Schedule.INTERVAL:
        return f"every {seed.interval_seconds} s, {seed.time_zone}"
    if seed.schedule == Seed.Schedule.CRON:
        return f"cron {seed.cron}, {seed.time_zone}"
    return ""


def next_slot(seed: Seed, after: datetime) -> datetime | None:
    """The first due time later than ``after``; None for seeds run by hand, and for cron that never comes.

    Raises:
        ValueError: the schedule cannot be read (rows written behind the forms' back).
    """
    return next(_slots(seed, after), None)


def next_slots(seed: Seed, after: datetime, count: int) -> list[datetime]:
    """The first ``count`` due times later than ``after``. Raises as :func:`next_slot`."""
    return list(islice(_slots(seed, after), count))


def slots_between(seed: Seed, after: datetime, until: datetime, limit: int) -> list[datetime]:
    """Due times later than ``after`` and not later than ``until``: the last ``limit`` of them, in order.

    Looks back no further than it must, so that an hour or a year of downtime cost about the same.
    Raises as :func:`next_slot`.
    """
    for window in _WINDOWS:
        start = max(after, until - window)
        found = _slots_until(seed, start, until)
        if len(found) >= limit or start == after:
            return found[-limit:]
    return _slots_until(seed, after, until)[-limit:]


def describe(seed: Seed) -> str:
    """The schedule as people say it: "every 30 minutes", "at 08:00 on weekdays, Europe/Berlin"."""
    if seed.schedule == Seed.Schedule.MANUAL:
        return "by hand only"
    try:
        if seed.schedule == Seed.Schedule.INTERVAL:
            return _describe_interval(seed)
        return f"{_describe_cron(seed.cron)}, {seed.time_zone}"
    except ValueError as error:
        return f"a schedule that cannot be read: {error}"


def check_zone(zone: str) -> None:
    """Raises ValueError, with a sentence for people, unless ``zone`` is an IANA time zone."""
    if zone not in _zones():
        raise ValueError(f"{zone!r} is not a time zone. Write one like Europe/Berlin, or UTC.")


def check_cron(text: str, zone: str) -> None:
    """Raises ValueError, with a sentence for people, unless ``text`` is a cron line that comes due."""
    check_zone(zone)
    if next(_cron(text, zone, datetime.now(UTC)), None) is None:
        raise ValueError("This cron line names a day that never comes.")


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _slots_until(seed: Seed, after: datetime, until: datetime) -> list[datetime]:
    found = []
    for slot in _slots(seed, after):
        if slot > until:
            break
        found.append(slot)
    return found


def _slots(seed: Seed, after: datetime) -> Iterator[datetime]:
    if seed.schedule == Seed.Schedule.INTERVAL:
        return _interval(seed, after)
    if seed.schedule == Seed.Schedule.CRON:
        return _cron(seed.cron, seed.time_zone, after)
    return iter(())


def _interval(seed: Seed, after: datetime) -> Iterator[datetime]:
    seconds = seed.interval_seconds
    if not seconds:
        raise ValueError("the interval is missing")
    origin = seed.created_at.astimezone(UTC).replace(microsecond=0)
    step = timedelta(seconds=seconds)
    first = max(0, (after - origin) // step)
    if seconds % DAY:
        found = (origin + step * at for at in count(first))
    else:
        check_zone(seed.time_zone)
        zone = ZoneInfo(seed.time_zone)
        wall = origin.astimezone(zone).replace(tzinfo=None)
        # the wall clock may be ahead of elapsed time by what daylight saving shifts
        found = ((wall + step * at).replace(tzinfo=zone).astimezone(UTC) for at in count(max(0, first - 1)))
    return _rising(found, after)


def _cron(text: str, zone: str, after: datetime) -> Iterator[datetime]:
    check_zone(zone)
    found = _cronsim(text, after.astimezone(ZoneInfo(zone)))
    return _rising((slot.astimezone(UTC) for slot in found), after)


def _cronsim(text: str, start: datetime) -> CronSim:
    if len(text.split()) != 5:
        raise ValueError(f"A cron line has five parts: {_FIELDS}.")
    try:
        return CronSim(text, start)
    except CronSimError as error:
        raise ValueError(_cron_mistake(text, error)) from error


def _rising(found: Iterator[datetime], after: datetime) -> Iterator[datetime]:
    """Those later than ``after`` and than the one before: what a gap swallows coincides at its end."""
    for slot in found:
        if slot > after:
            yield slot
            after = slot


def _cron_mistake(text: str, error: CronSimError) -> str:
    names = {"minute": 0, "hour": 1, "day-of-month": 2, "month": 3, "day-of-week": 4}
    field = str(error).removeprefix("Bad ")
    if field not in names:
        return f"This cron line cannot be read: {error}."
    return f"The {field.replace('-', ' ')} of this cron line cannot be {text.split()[names[field]]!r}."


def _describe_interval(seed: Seed) -> str:
    seconds = seed.interval_seconds
    if not seconds:
        raise ValueError("the interval is missing")
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    number = seconds // size
    every = f"every {unit}" if number == 1 else f"every {number} {unit}s"
    if unit != "day":
        return every
    check_zone(seed.time_zone)
    wall = seed.created_at.astimezone(ZoneInfo(seed.time_zone))
    return f"{every} at {wall:%H:%M}, {seed.time_zone}"


def _describe_cron(text: str) -> str:
    sentence = str(_cronsim(text, datetime.now(UTC)).explain())
    sentence = sentence.replace("on Monday through Friday", "on weekdays")
    return sentence[:1].lower() + sentence[1:]
