"""Due times in every IANA zone, around every change of its clock in five years.

The expected times come from arithmetic on the two offsets of a change alone, without ``zoneinfo``: a wall
time exists before the change, after it, twice (an overlap) or never (a gap). Zones whose clocks change alike
need the arithmetic once; that every zone is covered is asserted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import pytest

from catalog.models import Seed
from crawler.seeds import cron
from scheduler.clock import slots

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
AROUND = 2 * DAY
PARTS_OF_A_DAY = [2, 3, 4, 6, 8, 12]


class Change(NamedTuple):
    """A change of the clock: the first instant of the new offset, and both offsets."""

    at: datetime
    before: timedelta
    after: timedelta

    def wall(self, moment: datetime) -> datetime:
        """What the clock shows, without a zone."""
        return moment.replace(tzinfo=None) + (self.before if moment < self.at else self.after)

    def moments(self, wall: datetime) -> list[datetime]:
        """When the clock shows this: once, twice or never."""
        first, second = (wall.replace(tzinfo=UTC) - offset for offset in (self.before, self.after))
        return ([first] if first < self.at else []) + ([second] if second >= self.at else [])

    def walls_of_interest(self) -> Iterator[datetime]:
        """Wall times at the edges and in the middle of what is skipped or comes twice."""
        edges = [(self.at + offset).replace(tzinfo=None) for offset in (self.before, self.after)]
        low, high = min(edges), max(edges)
        middle = low + (high - low) // 2 // MINUTE * MINUTE
        yield from (low - HOUR, low - MINUTE, low, middle, high - MINUTE, high, high + MINUTE)


@cache
def clocks() -> dict[tuple, list[str]]:
    """Zones by what their clocks do: the offset at the beginning, and every change."""
    found: dict[tuple, list[str]] = {}
    for zone in sorted(available_timezones()):
        info = ZoneInfo(zone)
        found.setdefault((BEGIN.astimezone(info).utcoffset(), *changes(info, BEGIN, END)), []).append(zone)
    return found


def changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Change]:
    before, moment = begin.astimezone(zone).utcoffset(), begin
    while moment < end:
        after = (moment + DAY).astimezone(zone).utcoffset()
        if before != after:
            at = _bisect(zone, moment, moment + DAY)
            yield Change(at, *((at - step).astimezone(zone).utcoffset() for step in (MINUTE, 0 * MINUTE)))
        before, moment = after, moment + DAY


def _bisect(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first minute of the day with the offset of its end."""
    after = high.astimezone(zone).utcoffset()
    while high - low > MINUTE:
        middle = low + (high - low) // 2 // MINUTE * MINUTE
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == after else (middle, high)
    return high


def every_change() -> list[tuple[str, Change]]:
    """Each change once, with one of the zones that have it."""
    found: dict[Change, str] = {}
    for (_, *all_changes), zones in clocks().items():
        for change in all_changes:
            found.setdefault(change, zones[0])
    return [(zone, change) for change, zone in found.items()]


def days_around(change: Change) -> list[datetime]:
    midnight = change.wall(change.at).replace(hour=0, minute=0)
    return [midnight + DAY * number for number in range(-4, 5)]


def within(found: list[datetime], change: Change) -> list[datetime]:
    return sorted({slot for slot in found if change.at - AROUND < slot <= change.at + AROUND})


def all_slots(seed: Seed, change: Change) -> list[datetime]:
    return slots.slots_between(seed, change.at - AROUND, change.at + AROUND, 10_000)


def wall_seed(zone: str, wall: datetime, change: Change, seconds: int) -> Seed:
    """A seed made at this wall time, some days before the change."""
    created = (wall - 20 * DAY).replace(tzinfo=UTC) - change.before
    return Seed(schedule="interval", interval_seconds=seconds, time_zone=zone, created_at=created)


def kept(change: Change, wall: datetime) -> datetime:
    """An interval's slot for a wall time: the first time it comes; in a gap later by the gap's length."""
    return next(iter(change.moments(wall)), wall.replace(tzinfo=UTC) - change.before)


def test_every_zone_is_covered_and_the_changes_are_real():
    assert sum(map(len, clocks().values())) == len(available_timezones()) > 400
    found = every_change()
    assert len(found) > 100
    assert {abs(change.after - change.before) for _, change in found} >= {HOUR, HOUR / 2, 2 * HOUR}
    for zone, change in found:
        info = ZoneInfo(zone)
        for moment in (change.at - MINUTE, change.at, change.at + HOUR):
            assert moment.astimezone(info).replace(tzinfo=None) == change.wall(moment)


def test_whole_days_keep_the_wall_time():
    for zone, change in every_change():
        for wall in change.walls_of_interest():
            expected = [
                kept(change, day + (wall - wall.replace(hour=0, minute=0))) for day in days_around(change)
            ]
            found = all_slots(wall_seed(zone, wall, change, 86400), change)
            assert found == within(expected, change), (zone, change, wall)


@pytest.mark.parametrize("hours", PARTS_OF_A_DAY)
def test_parts_of_a_day_keep_the_wall_time(hours: int):
    for zone, change in every_change():
        wall = list(change.walls_of_interest())[hours % 7]
        first = wall - 4 * DAY
        expected = [kept(change, first + HOUR * hours * number) for number in range(8 * 24 // hours)]
        found = all_slots(wall_seed(zone, wall, change, hours * 3600), change)
        assert found == within(expected, change), (zone, change, wall)


def test_cron_at_set_times_keeps_the_wall_time_and_acts_once():
    for zone, change in every_change():
        for wall in list(change.walls_of_interest())[1:6]:
            seed = Seed(schedule="cron", cron=f"{wall.minute} {wall.hour} * * *", time_zone=zone)
            times = [day.replace(hour=wall.hour, minute=wall.minute) for day in days_around(change)]
            expected = [next(iter(change.moments(time)), change.at) for time in times]
            assert all_slots(seed, change) == within(expected, change), (zone, change, wall)


def test_cron_by_the_minute_and_by_the_hour_goes_by_the_clock():
    for zone, change in every_change():
        begin, end = change.at - 3 * HOUR, change.at + 3 * HOUR
        minutes = [begin + MINUTE * number for number in range(1, 361)]
        for line, of_hour in (("*/20 * * * *", {0, 20, 40}), ("7 * * * *", {7})):
            seed = Seed(schedule="cron", cron=line, time_zone=zone)
            expected = [minute for minute in minutes if change.wall(minute).minute in of_hour]
            assert slots.slots_between(seed, begin, end, 1000) == expected, (zone, change, line)


@pytest.mark.parametrize("seconds", [60, 3600, 5400, 5 * 3600])
def test_short_and_odd_intervals_are_elapsed_time(seconds: int):
    step = timedelta(seconds=seconds)
    for zone, change in every_change():
        created = change.at - 100 * step
        seed = Seed(schedule="interval", interval_seconds=seconds, time_zone=zone, created_at=created)
        assert slots.next_slots(seed, change.at - step, 3) == [change.at + step * n for n in (0, 1, 2)]


def test_the_next_slot_is_the_same_from_wherever_one_asks():
    for number, (zone, change) in enumerate(every_change()):
        wall = list(change.walls_of_interest())[number % 7]
        line = Seed(schedule="cron", cron=f"{wall.minute} {wall.hour} * * *", time_zone=zone)
        for seed in (line, wall_seed(zone, wall, change, 86400), wall_seed(zone, wall, change, 7200)):
            found = all_slots(seed, change)
            for before, slot in zip([change.at - AROUND, *found], found, strict=False):
                for moment in (before, before + (slot - before) / 2, slot - timedelta(seconds=1)):
                    assert slots.next_slot(seed, moment) == slot, (zone, change, moment)


def test_slots_are_counted_as_they_come():
    lines = ["* * * * *", "*/7 1-3 * * *", "30 2 * * 0", "0,59 0,23 29-31 * *", "5 * * */2 1"]
    for number, (zone, change) in enumerate(every_change()):
        line = lines[number % len(lines)]
        begin = change.at - timedelta(days=number % 5, minutes=number % 97)
        end = change.at + timedelta(days=number % 3, minutes=number % 89)
        expected = 0
        for slot in cron.times(line, zone, begin):
            if slot > end:
                break
            expected += 1
        assert cron.count(line, zone, begin, end) == expected, (zone, change, line)


@pytest.mark.parametrize(
    ("zone", "date"),
    [
        ("Pacific/Apia", "2011-12-30"),  # a day that never was
        ("America/Caracas", "2016-05-01"),  # for good, by half an hour
        ("Asia/Pyongyang", "2018-05-05"),
        ("Africa/Casablanca", "2019-05-05"),
        ("Africa/Juba", "2021-02-01"),
    ],
)
def test_changes_of_the_past_that_no_rule_foresaw(zone: str, date: str):
    day = datetime.fromisoformat(f"{date}T00:00Z")
    (change,) = changes(ZoneInfo(zone), day - 2 * DAY, day + 2 * DAY)
    for wall in change.walls_of_interest():
        time = wall - wall.replace(hour=0, minute=0)
        daily = [kept(change, day + time) for day in days_around(change)]
        assert all_slots(wall_seed(zone, wall, change, 86400), change) == within(daily, change)
        line = Seed(schedule="cron", cron=f"{wall.minute} {wall.hour} * * *", time_zone=zone)
        expected = [next(iter(change.moments(day + time)), change.at) for day in days_around(change)]
        assert all_slots(line, change) == within(expected, change)
