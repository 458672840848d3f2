"""Due times: exact, without drift, true to the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Seed
from crawler.seeds import cron as cron_lines
from scheduler.clock import slots

CREATED = datetime(2026, 1, 1, 7, 0, 5, 123456, tzinfo=UTC)


def every(seconds: int, zone: str = "UTC") -> Seed:
    return Seed(schedule="interval", interval_seconds=seconds, time_zone=zone, created_at=CREATED)


def cron(line: str, zone: str = "UTC") -> Seed:
    return Seed(schedule="cron", cron=line, time_zone=zone, created_at=CREATED)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def walls(seed: Seed, after: datetime, count: int) -> list[str]:
    zone = ZoneInfo(seed.time_zone)
    return [f"{slot.astimezone(zone):%d %H:%M}" for slot in slots.next_slots(seed, after, count)]


def test_a_seed_run_by_hand_has_no_slot():
    assert slots.next_slot(Seed(schedule="manual"), CREATED) is None
    assert slots.next_slots(Seed(schedule="manual"), CREATED, 5) == []


def test_the_first_slot_of_an_interval_is_the_creation_in_whole_seconds():
    assert slots.next_slot(every(1800), utc(2025, 6, 1)) == utc(2026, 1, 1, 7, 0, 5)


@given(
    seconds=st.integers(1, 40 * 86400),
    late=st.floats(0, 5 * 366 * 86400, allow_nan=False),
)
def test_an_interval_never_drifts_and_never_returns_the_past(seconds: int, late: float):
    after = CREATED + timedelta(seconds=late)
    slot = slots.next_slot(every(seconds), after)
    assert slot is not None
    assert after < slot <= after + timedelta(seconds=seconds)
    assert (slot - CREATED.replace(microsecond=0)).total_seconds() % seconds == 0


def test_whole_days_keep_the_wall_time_over_both_changes_of_the_clock():
    daily = every(86400, "Europe/Berlin")
    assert walls(daily, utc(2026, 3, 28), 3) == ["28 08:00", "29 08:00", "30 08:00"]
    assert walls(daily, utc(2026, 10, 24), 3) == ["24 08:00", "25 08:00", "26 08:00"]


def test_whole_days_survive_a_zone_that_skips_a_day():
    apia = every(86400, "Pacific/Apia")
    apia.created_at = utc(2011, 12, 1, 20)
    found = slots.next_slots(apia, utc(2011, 12, 29, 21), 3)
    assert found == sorted(set(found))
    assert found[0] == utc(2011, 12, 30, 20)


@pytest.mark.parametrize("seconds", [60, 3600, 5400, 5 * 3600])
def test_short_and_odd_intervals_are_elapsed_time(seconds: int):
    found = slots.next_slots(every(seconds, "Europe/Berlin"), utc(2026, 3, 28, 23), 5)
    steps = {later - slot for slot, later in zip(found, found[1:], strict=False)}
    assert steps == {timedelta(seconds=seconds)}


def test_parts_of_a_day_keep_the_wall_time():
    twice = every(43200, "Europe/Berlin")
    assert walls(twice, utc(2026, 3, 28, 12), 3) == ["28 20:00", "29 08:00", "29 20:00"]
    often = every(7200, "Europe/Berlin")
    assert walls(often, utc(2026, 3, 29, 0), 4) == ["29 03:00", "29 04:00", "29 06:00", "29 08:00"]
    assert walls(often, utc(2026, 10, 24, 23), 3) == ["25 02:00", "25 04:00", "25 06:00"]
    assert slots.next_slot(often, utc(2026, 10, 24, 23)) == utc(2026, 10, 25, 0, 0, 5)  # the first 02:00


def test_cron_keeps_the_wall_time_of_its_zone():
    weekdays = cron("0 8 * * 1-5", "Europe/Berlin")
    assert walls(weekdays, utc(2026, 3, 27), 3) == ["27 08:00", "30 08:00", "31 08:00"]
    assert slots.next_slot(weekdays, utc(2026, 3, 27, 7)) == utc(2026, 3, 30, 6)


def test_cron_in_a_gap_comes_at_its_end_and_once():
    new_york = cron("0,30 2 * * *", "America/New_York")
    assert walls(new_york, utc(2026, 3, 8), 3) == ["08 03:00", "09 02:00", "09 02:30"]


def test_cron_in_an_overlap_comes_once():
    new_york = cron("30 1 * * *", "America/New_York")
    assert walls(new_york, utc(2026, 10, 31, 12), 2) == ["01 01:30", "02 01:30"]
    during_the_second_pass = utc(2026, 11, 1, 6, 15)
    assert walls(new_york, during_the_second_pass, 1) == ["02 01:30"]


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran"]
)
@pytest.mark.parametrize("line", ["30 2 * * *", "*/15 * * * *", "0 1-4 * * *", "5 * * * *"])
def test_slots_rise_whatever_the_clock_does(zone: str, line: str):
    found = slots.next_slots(cron(line, zone), utc(2026, 1, 1), 400)
    assert found == sorted(set(found))
    again = [slots.next_slot(cron(line, zone), slot - timedelta(seconds=1)) for slot in found[:100]]
    assert again == found[:100]


@pytest.mark.parametrize(
    ("seed", "until"),
    [
        (every(1), CREATED + timedelta(days=900)),
        (every(60), CREATED + timedelta(days=900)),
        (every(86400, "Europe/Berlin"), CREATED + timedelta(days=900)),
        (cron("* * * * *"), CREATED + timedelta(days=900)),
        (cron("0 8 * * 1", "Europe/Berlin"), CREATED + timedelta(days=900)),
    ],
)
def test_the_last_slots_of_a_long_time_are_found_and_bounded(seed: Seed, until: datetime):
    found = slots.slots_between(seed, CREATED, until, 100)
    assert len(found) == 100
    assert found == slots.next_slots(seed, found[0] - timedelta(seconds=1), 100)
    assert found[-1] <= until < slots.next_slot(seed, found[-1])


def test_slots_between_are_those_after_the_first_up_to_and_with_the_last():
    start = utc(2026, 1, 1, 7, 0, 5)
    found = slots.slots_between(every(60), start, start + timedelta(seconds=180), 100)
    assert found == [start + timedelta(seconds=at) for at in (60, 120, 180)]


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        (Seed(schedule="manual"), "by hand only"),
        (every(60), "every minute"),
        (every(1800), "every 30 minutes"),
        (every(90), "every 90 seconds"),
        (every(7200), "every 2 hours"),
        (every(86400, "Europe/Berlin"), "every day at 08:00, Europe/Berlin"),
        (every(7 * 86400), "every 7 days at 07:00, UTC"),
        (cron("0 8 * * 1-5", "Europe/Berlin"), "at 08:00 on weekdays, Europe/Berlin"),
        (cron("*/30 * * * *"), "every 30th minute of every hour, UTC"),
    ],
)
def test_a_schedule_reads_as_a_sentence(seed: Seed, sentence: str):
    assert slots.describe(seed) == sentence


@pytest.mark.parametrize(
    ("line", "zone", "mistake"),
    [
        ("61 * * * *", "UTC", "The minute of this cron line cannot be '61'."),
        ("0 0 * * XXX", "UTC", "The day of week of this cron line cannot be 'XXX'."),
        ("* * *", "UTC", "A cron line has five parts"),
        ("0 0 0 * * *", "UTC", "A cron line has five parts"),
        ("0 0 30 2 *", "UTC", "The day of month of this cron line cannot be '30'."),
        ("0 0 * * *", "Mars", "'Mars' is not a time zone."),
        ("0 0 * * *", "Europe", "'Europe' is not a time zone."),
    ],
)
def test_a_mistake_in_a_cron_line_is_told_in_a_sentence(line: str, zone: str, mistake: str):
    with pytest.raises(ValueError, match="^" + mistake.replace("*", r"\*")):
        cron_lines.check(line, zone)


def test_a_schedule_that_cannot_be_read_is_described_as_such():
    assert slots.describe(cron("what")).startswith("a schedule that cannot be read: A cron line")
    assert "not a time zone" in slots.describe(every(86400, "Mars"))


def test_the_rule_changes_with_the_schedule_only():
    assert slots.rule_of(every(60)) != slots.rule_of(every(61))
    assert slots.rule_of(every(60)) != slots.rule_of(every(60, "Europe/Berlin"))
    assert slots.rule_of(Seed(schedule="manual")) == ""
