"""The calendar of a seed without a database: what is told of each slot, and how days and hours are cut."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import Run, Seed
from djsite.browse import slot_calendar
from djsite.browse.slot_calendar import DAY, TONES, Day, days, groups, midnight
from djsite.browse.templatetags.browse import wall
from djsite.desk.slots.account import LOST, OFF, PRUNED, WAS_OTHER, Account, Entry, LedgerRow, account
from scheduler.clock import slots
from tests.factories import new_seed

NOW = datetime(2026, 3, 10, 12, 20, tzinfo=UTC)
MADE = datetime(2025, 11, 3, 10, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WEEK = (NOW - 7 * DAY, NOW + 7 * DAY)


def seed(**values) -> Seed:
    """A seed that runs every hour since last year, in step with its schedule."""
    found = new_seed(pk=1, **({"created_at": MADE, "updated_at": MADE, "next_slot": None} | values))
    if "next_slot" not in values and found.enabled:
        found.next_slot = slots.next_slot(found, NOW)
    found.slot_rule = slots.rule_of(found)
    return found


def row(slot: datetime, state: str = "finished", reason: str = "", **values) -> LedgerRow:
    given = {"slots": 1, "last_slot": None, "successes": 3, "failed": 0}
    return LedgerRow(pk=7, slot=slot, state=state, reason=reason, **(given | values))


def rows_of(of: Seed, begin: datetime, end: datetime) -> list[LedgerRow]:
    return [row(slot) for slot in slots.every_between(of, begin, end)]


def told(found: Account) -> dict[str, int]:
    return {group.label: len(group.entries) for group in groups(found.entries, by_reason=False)}


# What is told of each slot --------------------------------------------------------------------------------


def test_every_slot_of_two_weeks_is_told_once():
    hourly = seed()
    found = account(hourly, rows_of(hourly, WEEK[0], NOW), *WEEK, NOW)
    assert told(found) == {"finished": 168, "coming": 168}
    assert all(later.slot - earlier.slot == HOUR for earlier, later in pairwise(found.entries))
    assert {entry.run for entry in found.entries if entry.slot <= NOW} == {7}


def test_the_state_and_the_reason_are_those_of_the_row():
    at = NOW - timedelta(minutes=20)
    rows = [
        row(at, "missed", "downtime"),
        row(at - HOUR, "skipped", "overlap"),
        row(at - 2 * HOUR, "open", "late"),
        row(at - 3 * HOUR, successes=0, failed=2),
        row(at - 4 * HOUR, failed=1),
        row(at - 5 * HOUR, "due", "waiting"),
    ]
    found = account(seed(), rows, at - 5 * HOUR, NOW, NOW)
    assert [(entry.label, entry.tone, entry.reason) for entry in reversed(found.entries)] == [
        ("missed", "bad", "nothing could open it in time"),
        ("skipped", "idle", "the earlier run was still going"),
        ("running", "run", "opened late: nothing could open it in time"),
        ("failed", "bad", ""),
        ("finished, some failed", "warn", ""),
        ("due", "idle", "it waits for the end of the earlier run"),
    ]


def test_slots_that_wait_to_be_opened_are_due_and_late_ones_say_so():
    found = account(seed(next_slot=NOW - 80 * MINUTE), [], NOW - 2 * HOUR, NOW + HOUR, NOW)
    assert [(entry.label, entry.reason) for entry in found.entries] == [
        ("due", "nothing has opened it yet"),
        ("due", "nothing has opened it yet"),
        ("coming", ""),
    ]
    fresh = account(seed(next_slot=NOW), [], NOW, NOW + MINUTE, NOW)
    assert [(entry.label, entry.reason) for entry in fresh.entries] == [("due", "to be opened in a moment")]


@pytest.mark.parametrize(
    ("values", "label", "reason"),
    [
        ({"updated_at": NOW - HOUR}, "not due", WAS_OTHER),
        ({"updated_at": NOW - 3 * DAY}, "not recorded", LOST),
        ({"enabled": False, "updated_at": NOW - 3 * DAY}, "not due", OFF),
        ({"enabled": False, "updated_at": NOW - HOUR}, "not due", WAS_OTHER),
    ],
)
def test_a_time_of_the_schedule_without_a_row_says_why(values: dict, label: str, reason: str):
    begin = NOW - 2 * DAY
    found = account(seed(**values), [], begin, begin + HOUR, NOW)
    assert [(entry.label, entry.reason, entry.run) for entry in found.entries] == [(label, reason, None)]


def test_what_was_pruned_is_not_taken_for_lost(settings):
    settings.RUN_RETENTION_DAYS = 2
    found = account(seed(), [], NOW - 2 * DAY - HOUR, NOW - 2 * DAY, NOW)
    assert [entry.reason for entry in found.entries] == [PRUNED]


def test_nothing_comes_of_a_schedule_that_is_off_and_nothing_was_before_the_seed():
    assert account(seed(enabled=False), [], NOW, WEEK[1], NOW).entries == []
    assert (
        account(seed(created_at=NOW - 150 * MINUTE), [], WEEK[0], NOW, NOW).entries[0].slot > NOW - 2 * HOUR
    )


def test_by_hand_there_are_no_slots_but_those_of_an_earlier_schedule_stay():
    by_hand = seed(schedule="manual", next_slot=None)
    found = account(by_hand, [row(NOW - DAY)], *WEEK, NOW)
    assert told(found) == {"finished": 1}


def test_a_row_off_the_schedule_is_told_beside_those_on_it():
    """A seed's first slot is the moment of its creation; a schedule that was changed leaves others."""
    hourly = seed()
    found = account(hourly, [row(NOW - MINUTE), row(NOW - 20 * MINUTE)], NOW - 21 * MINUTE, NOW, NOW)
    assert [entry.slot for entry in found.entries] == [NOW - 20 * MINUTE, NOW - MINUTE]


def test_a_next_slot_off_the_schedule_is_coming():
    found = account(seed(next_slot=NOW + 5 * MINUTE), [], NOW, NOW + HOUR, NOW)
    assert [entry.slot for entry in found.entries] == [NOW + 5 * MINUTE, NOW + 40 * MINUTE]


def test_a_row_for_many_slots_is_told_slot_by_slot():
    minutely = seed(interval_seconds=60)
    first, last = NOW - 3 * DAY, NOW - 2 * DAY
    many = row(first, "missed", "downtime", slots=1441, last_slot=last, successes=0)
    found = account(minutely, [many], NOW - 60 * HOUR, NOW - 59 * HOUR, NOW)
    assert told(found) == {"missed": 60}
    assert {entry.shared for entry in found.entries} == {1441}
    assert not found.together
    assert len(account(minutely, [many], first, last + MINUTE, NOW).entries) == 1441


def test_a_row_for_many_slots_of_another_schedule_is_told_as_a_whole():
    first, last = NOW - 3 * DAY, NOW - 2 * DAY
    many = row(first, "missed", "downtime", slots=1441, last_slot=last, successes=0)
    found = account(seed(updated_at=NOW - DAY), [many], first - HOUR, last + HOUR, NOW)
    assert found.together == [many]
    assert [entry.label for entry in found.entries] == ["not due", "not due"]  # before and after, not within
    assert [day.together for day in cut(found, date(2026, 3, 6), 4)] == [[], [many], [many], []]


def test_a_schedule_that_cannot_be_read_leaves_the_ledger():
    many = row(NOW - DAY, "missed", slots=9, last_slot=NOW - HOUR)
    broken = seed(next_slot=None)
    broken.schedule, broken.cron = "cron", "61 * * * *"
    found = account(broken, [row(NOW - HOUR), many], *WEEK, NOW)
    assert "cannot be '61'" in found.problem
    assert (told(found), found.together) == ({"finished": 1}, [many])


@settings(deadline=None)
@given(
    seconds=st.sampled_from([30, 60, 600, 3600, 5 * 3600, 6 * 3600, 86400, 7 * 86400]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    hole=st.integers(0, 40),
)
def test_whatever_the_schedule_every_slot_is_told_once_and_in_its_hour(
    seconds: int, zone: str, day: date, hole: int
):
    now = datetime(day.year, day.month, day.day, 15, 45, tzinfo=UTC)
    of = seed(interval_seconds=seconds, time_zone=zone, next_slot=None)
    of.next_slot = slots.next_slot(of, now)
    rows = rows_of(of, midnight(day, zone), now)[hole:]
    found = account(of, rows, midnight(day, zone), midnight(day + DAY, zone), now)
    (shown,) = days(found, [day], zone, now)
    every = slots.every_between(
        of, midnight(day, zone) - MINUTE / 60, midnight(day + DAY, zone) - MINUTE / 60
    )
    assert [entry.slot for entry in shown.entries] == every
    assert [entry.slot for hour in shown.hours() for entry in hour.entries] == every
    assert sum(len(group.entries) for group in shown.groups) == len(every)


# Days and hours -------------------------------------------------------------------------------------------


def cut(found: Account, first: date, count: int, zone: str = "UTC", now: datetime = NOW) -> list[Day]:
    return days(found, [first + DAY * number for number in range(count)], zone, now)


@pytest.mark.parametrize(
    ("zone", "day", "hours", "note"),
    [
        ("Europe/Berlin", date(2026, 3, 28), 24, ""),
        ("Europe/Berlin", date(2026, 3, 29), 23, "23 h long: the clock is put forward"),
        ("Europe/Berlin", date(2026, 10, 25), 25, "25 h long: the clock is put back"),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25, "24 h 30 min long: the clock is put back"),
        ("America/Santiago", date(2026, 9, 6), 23, "23 h long: the clock is put forward"),  # at midnight
        ("America/Havana", date(2026, 11, 1), 25, "25 h long: the clock is put back"),  # to midnight
        ("Pacific/Apia", date(2011, 12, 30), 0, "there is no such day in this time zone"),
    ],
)
def test_days_are_as_long_as_the_clock_makes_them(zone: str, day: date, hours: int, note: str):
    shown, after = cut(Account(), day, 2, zone)
    assert len(shown.hours()) == hours
    assert shown.note == note
    assert shown.end == after.begin
    assert len(shown.columns) == hours
    if hours:
        assert shown.columns[-1].x + shown.columns[-1].width <= 100


def test_an_hour_that_comes_twice_has_all_its_slots_and_two_names():
    berlin = seed(time_zone="Europe/Berlin", interval_seconds=1800)
    now = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    berlin.next_slot = slots.next_slot(berlin, now)
    day = date(2026, 10, 25)
    begin, end = midnight(day, "Europe/Berlin"), midnight(day + DAY, "Europe/Berlin")
    (shown,) = cut(account(berlin, [], begin, end, now), day, 1, "Europe/Berlin", now)
    assert len(shown.entries) == 50
    names = [str(wall(entry.slot, "Europe/Berlin")).split(">")[1].split("<")[0] for entry in shown.entries]
    assert len(set(names)) == 50
    assert names[3:9] == ["01:30", "02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET", "03:00"]


def test_the_present_moment_has_its_place_on_its_day_alone():
    yesterday, today = cut(Account(), date(2026, 3, 9), 2)
    assert (yesterday.now, today.now) == (None, pytest.approx(100 * 740 / 1440, abs=0.01))


def test_what_needs_a_look_stands_first():
    entries = [Entry(NOW, name, name, "why") for name in ("good", "next", "bad", "none", "run")]
    assert [group.tone for group in groups(entries)] == ["bad", "run", "good", "next", "none"]


def test_slots_are_grouped_by_reason_too_and_asked_for_so():
    entries = [Entry(NOW, "finished", "good"), Entry(NOW, "finished", "good", "it waited")]
    assert [group.query for group in groups(entries)] == [
        "state=finished&reason=",
        "state=finished&reason=it-waited",
    ]
    assert [len(group.entries) for group in groups(entries, by_reason=False)] == [2]


def test_bars_are_filled_and_no_slots_count_only_where_nothing_else_is():
    entries = [Entry(NOW, tone, tone) for tone in ("bad", "good", "good", "next", "none")]
    (shown,) = cut(Account(entries), NOW.date(), 1)
    (column,) = [column for column in shown.columns if column.parts]
    assert column.parts == [("next", 0.0, 25.0), ("good", 25.0, 50.0), ("bad", 75.0, 25.0)]
    assert shown.parts == [("good", 0.0, 50.0), ("bad", 50.0, 25.0), ("next", 75.0, 25.0)]
    (empty,) = cut(Account(entries[-1:]), NOW.date(), 1)
    assert empty.parts == [("none", 0.0, 100.0)]


def test_every_tone_of_a_verdict_has_its_place():
    assert set(slot_calendar.UPWARDS) == set(slot_calendar.ALONG) == set(TONES)
    for state in Run.State:
        for got, failed in ((1, 0), (1, 1), (0, 1)):
            found = account(seed(), [row(NOW, state, successes=got, failed=failed)], NOW, NOW + MINUTE, NOW)
            assert found.entries[0].tone in TONES
