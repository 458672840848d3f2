"""Cron lines: due times against plain arithmetic, their number, and what people read of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.seeds import cron

NOW = datetime(2026, 3, 10, 12, 20, tzinfo=UTC)  # a Tuesday
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

moments = st.integers(0, 365 * 86400).map(lambda seconds: NOW + timedelta(seconds=seconds))
lengths = st.timedeltas(timedelta(0), 9 * DAY)
some = {"min_size": 1, "max_size": 3}
minutes, hours, weekdays = (st.sets(st.integers(0, most), **some) for most in (59, 23, 6))


def first(line: str, number: int, zone: str = "UTC", after: datetime = NOW) -> list[str]:
    return [f"{slot:%m-%d %H:%M}" for slot in islice(cron.times(line, zone, after), number)]


def written(numbers: set[int]) -> str:
    return ",".join(map(str, sorted(numbers)))


@settings(deadline=None)
@given(minutes, hours, weekdays, moments, lengths)
def test_due_times_are_those_that_the_line_names(minutes, hours, weekdays, after, length):
    """Counted on the calendar, without a reader of cron lines. Of cron, 0 is Sunday; of Python, Monday."""
    until = after + length
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    expected = [
        slot
        for day in (midnight + DAY * number for number in range(11))
        if (day.weekday() + 1) % 7 in weekdays
        for hour in sorted(hours)
        for minute in sorted(minutes)
        if after < (slot := day.replace(hour=hour, minute=minute)) <= until
    ]
    line = f"{written(minutes)} {written(hours)} * * {written(weekdays)}"
    assert list(takewhile(lambda slot: slot <= until, cron.times(line, "UTC", after))) == expected
    assert cron.count(line, "UTC", after, until) == len(expected)


@settings(deadline=None)
@given(moments, lengths, lengths, st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]))
def test_every_due_time_is_counted_in_one_of_two_parts(begin, length, more, zone):
    middle, end = begin + length, begin + length + more
    line = "*/7 1-3,22 * * *"
    parts = cron.count(line, zone, begin, middle) + cron.count(line, zone, middle, end)
    assert parts == cron.count(line, zone, begin, end)


def test_a_due_time_belongs_to_the_time_that_ends_with_it():
    assert cron.count("20 12 * * *", "UTC", NOW - MINUTE, NOW) == 1
    assert cron.count("20 12 * * *", "UTC", NOW, NOW + MINUTE) == 0
    assert cron.count("20 12 * * *", "UTC", NOW, NOW) == 0
    assert cron.count("20 12 * * *", "UTC", NOW, NOW - DAY) == 0


def test_midnight_is_counted_with_its_own_day():
    midnight = NOW.replace(hour=0, minute=0)
    for after, until, number in (
        (midnight - MINUTE, midnight, 1),
        (midnight, midnight + MINUTE, 0),
        (midnight - DAY, midnight, 1),
        (midnight - DAY - MINUTE, midnight, 2),
    ):
        assert cron.count("0 0 * * *", "UTC", after, until) == number


def test_a_year_of_minutes_is_counted_exactly():
    assert cron.count("* * * * *", "UTC", NOW, NOW + 365 * DAY) == 365 * 24 * 60
    assert cron.count("* * * * *", "Europe/Berlin", NOW, NOW + 365 * DAY) == 365 * 24 * 60


@pytest.mark.parametrize(
    ("line", "slots"),
    [
        ("0 8 * * *", ["03-11 08:00", "03-12 08:00"]),
        ("20 12 * * *", ["03-11 12:20", "03-12 12:20"]),
        ("*/30 12 * * *", ["03-10 12:30", "03-11 12:00"]),
        ("0 0 29 2 *", ["02-29 00:00", "02-29 00:00"]),
        ("0 0 L * *", ["03-31 00:00", "04-30 00:00"]),
        ("0 0 1 * 3", ["03-11 00:00", "03-18 00:00"]),  # either day, as in Debian's
        ("0 9 * jun sun", ["06-07 09:00", "06-14 09:00"]),
        ("0 9 * * 7", ["03-15 09:00", "03-22 09:00"]),
    ],
)
def test_due_times_of_some_lines(line, slots):
    assert first(line, 2) == slots


def test_due_times_are_utc_and_those_of_the_zone():
    assert first("0 8 * * *", 1, "Asia/Kathmandu") == ["03-11 02:15"]
    assert first("0 8 * * *", 2, "Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC)) == [
        "03-28 07:00",
        "03-29 06:00",
    ]
    assert next(cron.times("0 8 * * *", "Asia/Tokyo", NOW)).tzinfo is UTC


def test_only_what_rises_is_kept():
    offsets = [-1, 0, 1, 1, 3, 2, 4]
    slots = iter([NOW + MINUTE * offset for offset in offsets])
    assert list(cron.rising(slots, NOW)) == [NOW + MINUTE * offset for offset in (1, 3, 4)]


def test_a_line_is_kept_trimmed():
    assert cron.check("  0 8 * * 1-5\n", "Europe/Berlin") == "0 8 * * 1-5"


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("", "Write a cron line, for example '0 8 * * *'"),
        (" \t", "Write a cron line"),
        ("@daily", "A cron line has five parts: minute, hour, day of month, month, day of week."),
        ("0 8 * * * 2030", "A cron line has five parts"),
        ("60 * * * *", "The minute of this cron line cannot be '60'."),
        ("* 24 * * *", "The hour of this cron line cannot be '24'."),
        ("* * 32 * *", "The day of month of this cron line cannot be '32'."),
        ("* * * 13 *", "The month of this cron line cannot be '13'."),
        ("* * * * 8", "The day of week of this cron line cannot be '8'."),
        ("*/0 * * * *", "The minute of this cron line cannot be '*/0'."),
        ("9-5 * * * *", "The minute of this cron line cannot be '9-5'."),
    ],
)
def test_a_line_that_cannot_be_used_is_explained(line, mistake):
    with pytest.raises(ValueError) as caught:
        cron.check(line, "UTC")
    assert str(caught.value).startswith(mistake)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_zones_are_those_of_iana(zone):
    assert cron.check_zone(zone) == zone


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "europe/berlin", "+02:00", "../UTC", "/etc/localtime"])
def test_what_is_no_zone_is_explained_wherever_it_is_used(zone):
    for use in (
        lambda: cron.check_zone(zone),
        lambda: cron.check("0 8 * * *", zone),
        lambda: next(cron.times("0 8 * * *", zone, NOW)),
        lambda: cron.count("0 8 * * *", zone, NOW, NOW + DAY),
    ):
        with pytest.raises(ValueError, match=r"is not a time zone\. Write one like Europe/Berlin"):
            use()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("0 8 * * *", "at 08:00 every day"),
        ("0 8 * * 1-5", "at 08:00 on weekdays"),
        ("*/30 * * * *", "every 30th minute of every hour"),
        ("0 0 29 2 *", "at 00:00 on February 29"),
    ],
)
def test_a_line_reads_as_people_say_it(line, sentence):
    assert cron.describe(line) == sentence
