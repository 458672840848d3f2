"""Cron lines: when they come due, how many times, and as a sentence. Pure; all instants are UTC.

They work as Debian's cron: ``docs/schedules.md`` says what happens when the clock is put forward or back.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

_FIELDS = "minute, hour, day of month, month, day of week"
_DAY = timedelta(days=1)


def check_zone(zone: str) -> str:
    """The zone; ValueError, with a sentence for people, unless it is an IANA time zone."""
    if zone not in _zones():
        raise ValueError(f"{zone!r} is not a time zone. Write one like Europe/Berlin, or UTC.")
    return zone


def check(line: str, zone: str) -> str:
    """The line, trimmed; ValueError, with a sentence for people, unless it is a cron line that comes due."""
    line = line.strip()
    if not line:
        raise ValueError("Write a cron line, for example '0 8 * * *' for every day at 08:00.")
    if next(times(line, zone, datetime.now(UTC)), None) is None:
        raise ValueError("This cron line names a day that never comes.")
    return line


def times(line: str, zone: str, after: datetime) -> Iterator[datetime]:
    """The due times later than ``after``, rising. Raises ValueError for what cannot be read."""
    check_zone(zone)
    slots = _parsed(line, after.astimezone(ZoneInfo(zone)))
    return rising((slot.astimezone(UTC) for slot in slots), after)


def rising(slots: Iterator[datetime], after: datetime) -> Iterator[datetime]:
    """The slots later than ``after`` and than the slot before: those in a gap of the clock are one slot."""
    for slot in slots:
        if slot > after:
            yield slot
            after = slot


def count(line: str, zone: str, after: datetime, until: datetime) -> int:
    """How many due times are later than ``after`` and not later than ``until``: exact.

    Days on which no clock is changed are counted by arithmetic, so that a year of minutes costs a few ms.
    """
    days = _Days(line, zone)
    return sum(days.count(midnight, after, until) for midnight in days.between(after, until))


class _Days:
    """The local days of a zone, and how often a cron line comes due on each."""

    def __init__(self, line: str, zone: str) -> None:
        check_zone(zone)
        self._line, self._name, self._zone = line, zone, ZoneInfo(zone)
        self._cron = _parsed(line, datetime.now(UTC))
        self._minutes = sorted(
            hour * 60 + minute for hour in self._cron.hours for minute in self._cron.minutes
        )

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The local midnights of the days that ``(after, until]`` touches, without a zone."""
        last = until.astimezone(self._zone).date()
        day = after.astimezone(self._zone).date()
        while day <= last:
            yield datetime.combine(day, time())
            day += _DAY

    def count(self, midnight: datetime, after: datetime, until: datetime) -> int:
        start, end = max(after, self._utc(midnight)), min(until, self._utc(midnight + _DAY))
        if not self._is_plain(midnight):
            return self._count_one_by_one(midnight, after, until)
        if not (midnight.month in self._cron.months and self._cron.match_day(midnight.date())):
            return 0
        first, last = (self._minute_after(midnight, moment) for moment in (start, end))
        if start == self._utc(midnight) > after:
            first = 0  # midnight itself belongs to its day
        if end == self._utc(midnight + _DAY):
            last = 24 * 60
        return max(0, bisect_left(self._minutes, last) - bisect_left(self._minutes, first))

    def _minute_after(self, midnight: datetime, moment: datetime) -> int:
        """The first minute of the day that is later than ``moment``."""
        return int((moment - self._utc(midnight)) // timedelta(minutes=1)) + 1

    def _count_one_by_one(self, midnight: datetime, after: datetime, until: datetime) -> int:
        """Due times of a day near a change of the clock, its midnight included, the next one not."""
        start = max(after, self._utc(midnight) - timedelta(seconds=1))
        number = 0
        for slot in times(self._line, self._name, start):
            if slot > until or slot >= self._utc(midnight + _DAY):
                break
            number += 1
        return number

    def _is_plain(self, midnight: datetime) -> bool:
        """No clock change on this day, nor on the one before, whose gap may reach into this one."""
        offsets = {(midnight + _DAY * days).replace(tzinfo=self._zone).utcoffset() for days in (-1, 0, 1)}
        return len(offsets) == 1

    def _utc(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=self._zone).astimezone(UTC)


def describe(line: str) -> str:
    """A cron line as people say it: "at 08:00 on weekdays"."""
    sentence = str(_parsed(line, datetime.now(UTC)).explain())
    sentence = sentence.replace("on Monday through Friday", "on weekdays")
    return sentence[:1].lower() + sentence[1:]


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _parsed(line: str, start: datetime) -> CronSim:
    if len(line.split()) != 5:
        raise ValueError(f"A cron line has five parts: {_FIELDS}.")
    try:
        return CronSim(line, start)
    except CronSimError as error:
        raise ValueError(_mistake(line, error)) from error


def _mistake(line: str, error: CronSimError) -> str:
    names = {"minute": 0, "hour": 1, "day-of-month": 2, "month": 3, "day-of-week": 4}
    field = str(error).removeprefix("Bad ")
    if field not in names:
        return f"This cron line cannot be read: {error}."
    return f"The {field.replace('-', ' ')} of this cron line cannot be {line.split()[names[field]]!r}."
