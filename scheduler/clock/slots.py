"""Slots: the due times of a seed, computed in its own time zone. Pure; all instants are UTC.

Over changes of the clock the wall time is kept (docs/schedules.md tells the rules):

- cron at set times acts as Debian's: a time that falls into a gap comes at the gap's end, a time that comes
  twice counts once. With ``*`` in the minute or hour field it goes by elapsed time.
- intervals of whole days, and those of two hours or more that divide a day evenly, keep the wall time of the
  seed's creation. A time that falls into a gap comes later by the length of the gap, a time that comes twice
  counts the first time. Other intervals are elapsed time.

Intervals count from the seed's creation, so due times never drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

from catalog.models import Seed
from crawler.seeds import cron

DAY = 86400
SHORTEST_BY_THE_WALL = 7200  # seconds; shorter intervals must not lose a slot to an hour that comes twice
_MOST_SHIFTED = timedelta(hours=26)  # a zone may even skip a day, as Pacific/Apia did
_WINDOWS = [timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=400)]
_UNITS = [(DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second")]


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
        ValueError: the schedule cannot be read (rows that were written without a form).
    """
    return next(_slots(seed, after), None)


def next_slots(seed: Seed, after: datetime, count: int) -> list[datetime]:
    """The first ``count`` due times later than ``after``. Raises as :func:`next_slot`."""
    return list(islice(_slots(seed, after), count))


def slots_between(seed: Seed, after: datetime, until: datetime, limit: int) -> list[datetime]:
    """Due times later than ``after`` and not later than ``until``: the last ``limit`` of them, in order.

    Looks back only as far as it must, so that a year of downtime costs about as much as an hour.
    Raises as :func:`next_slot`.
    """
    for window in _WINDOWS:
        start = max(after, until - window)
        slots = every_between(seed, start, until)
        if len(slots) >= limit or start == after:
            return slots[-limit:]
    return every_between(seed, after, until)[-limit:]


def count_between(seed: Seed, after: datetime, until: datetime) -> int:
    """The number of due times later than ``after``, at most ``until``. Raises as :func:`next_slot`."""
    if seed.schedule == Seed.Schedule.CRON:
        return cron.count(seed.cron, seed.time_zone, after, until)
    if seed.schedule == Seed.Schedule.INTERVAL and not _by_the_wall(_step(seed)):
        first = max(after - _origin(seed), timedelta(seconds=-1)) // _step(seed)
        return max(0, (until - _origin(seed)) // _step(seed) - first)
    return len(every_between(seed, after, until))


def describe(seed: Seed) -> str:
    """The schedule as people say it: "every 30 minutes", "at 08:00 on weekdays, Europe/Berlin"."""
    if seed.schedule == Seed.Schedule.MANUAL:
        return "by hand only"
    try:
        if seed.schedule == Seed.Schedule.INTERVAL:
            return _describe_interval(seed)
        return f"{cron.describe(seed.cron)}, {seed.time_zone}"
    except ValueError as error:
        return f"a schedule that cannot be read: {error}"


def every_between(seed: Seed, after: datetime, until: datetime) -> list[datetime]:
    """All due times later than ``after`` and not later than ``until``. Raises as :func:`next_slot`."""
    slots = []
    for slot in _slots(seed, after):
        if slot > until:
            break
        slots.append(slot)
    return slots


def _slots(seed: Seed, after: datetime) -> Iterator[datetime]:
    if seed.schedule == Seed.Schedule.INTERVAL:
        return _interval(seed, after)
    if seed.schedule == Seed.Schedule.CRON:
        return cron.times(seed.cron, seed.time_zone, after)
    return iter(())


def _interval(seed: Seed, after: datetime) -> Iterator[datetime]:
    origin, step = _origin(seed), _step(seed)
    first = max(0, (after - origin) // step)
    if not _by_the_wall(step):
        return cron.rising((origin + step * at for at in count(first)), after)
    cron.check_zone(seed.time_zone)
    zone = ZoneInfo(seed.time_zone)
    wall = origin.astimezone(zone).replace(tzinfo=None)
    first = max(0, first - _MOST_SHIFTED // step - 1)
    instants = ((wall + step * at).replace(tzinfo=zone).astimezone(UTC) for at in count(first))
    return cron.rising(instants, after)


def _by_the_wall(step: timedelta) -> bool:
    """Whether an interval keeps the wall time: the same times every day, or every so many days."""
    seconds = int(step.total_seconds())
    return seconds % DAY == 0 or (seconds >= SHORTEST_BY_THE_WALL and DAY % seconds == 0)


def _origin(seed: Seed) -> datetime:
    return seed.created_at.astimezone(UTC).replace(microsecond=0)


def _step(seed: Seed) -> timedelta:
    if not seed.interval_seconds:
        raise ValueError("the interval is missing")
    return timedelta(seconds=seed.interval_seconds)


def _describe_interval(seed: Seed) -> str:
    seconds = seed.interval_seconds
    if not seconds:
        raise ValueError("the interval is missing")
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    number = seconds // size
    every = f"every {unit}" if number == 1 else f"every {number} {unit}s"
    if unit != "day":
        return every
    cron.check_zone(seed.time_zone)
    wall = seed.created_at.astimezone(ZoneInfo(seed.time_zone))
    return f"{every} at {wall:%H:%M}, {seed.time_zone}"
