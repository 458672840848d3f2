"""The calendar of a seed on the site, with the ledger that the clock's own code writes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Run, Seed
from djsite.browse.views import calendar
from scheduler.clock import ledger, slots
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
SESSION = 5  # session, user, the two queries of the permissions, and whether everything is paused
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def viewer(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody who may look and nothing else, at the moment of :data:`NOW`."""
    factories.log_in(client, "viewer")
    set_clock(monkeypatch, NOW)
    return client


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(calendar.timezone, "now", lambda: now)


def seed_of(seconds: int, **values) -> Seed:
    """A seed that was made thirty days ago and not saved since, with its next slot after :data:`NOW`."""
    made = values.pop("created_at", NOW - 30 * DAY)
    seed = factories.make_seed(interval_seconds=seconds, created_at=made, next_slot=None, **values)
    seed.next_slot, seed.slot_rule = slots.next_slot(seed, NOW), slots.rule_of(seed)
    Seed.objects.filter(pk=seed.pk).update(
        next_slot=seed.next_slot, slot_rule=seed.slot_rule, updated_at=made
    )
    return seed


def ran(seed: Seed, begin: datetime, end: datetime, **values) -> None:
    """A finished row for every slot from ``begin`` until before ``end``."""
    every = slots.every_between(seed, begin - MINUTE / 60, end - MINUTE / 60)
    got = {"state": Run.State.FINISHED, "discovered": 1, "stored": 1, "started_at": NOW, "finished_at": NOW}
    Run.objects.bulk_create(
        Run(seed=seed, kind=Run.Kind.SCHEDULED, slot=slot, **(got | values)) for slot in every
    )


def show(client: Client, url: str, **query) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def overview(client: Client, seed: Seed, **query) -> str:
    return show(client, reverse("seed-calendar", args=[seed.pk]), **query)


def day(client: Client, seed: Seed, date: str, **query) -> str:
    return show(client, reverse("seed-day", args=[seed.pk, date]), **query)


def words(page: str) -> str:
    """The text of a page without its tags."""
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def test_a_seed_leads_to_its_calendar(viewer: Client):
    seed = seed_of(3600)
    assert reverse("seed-calendar", args=[seed.pk]) in show(viewer, reverse("seed", args=[seed.pk]))


def test_a_run_leads_to_the_slots_of_its_day(viewer: Client):
    seed = seed_of(3600, time_zone="Asia/Tokyo")
    run = factories.make_run(seed, at=NOW.replace(hour=20))
    page = show(viewer, reverse("run", args=[run.pk]))
    assert reverse("seed-day", args=[seed.pk, "2026-03-11"]) in page
    manual = factories.make_run(seed, at=NOW, kind=Run.Kind.MANUAL)
    assert "/calendar/" not in show(viewer, reverse("run", args=[manual.pk]))


def test_an_hourly_seed_has_two_weeks_of_slots(viewer: Client):
    seed = seed_of(3600)
    ran(seed, NOW - 8 * DAY, NOW - 5 * HOUR)
    missed = factories.make_run(seed, "missed", at=NOW - 5 * HOUR, reason="downtime")
    skipped = factories.make_run(seed, "skipped", at=NOW - 4 * HOUR, reason="overlap")
    ran(seed, NOW - 3 * HOUR, NOW + MINUTE)
    page = overview(viewer, seed)
    said = words(page)
    assert "Tue 3 Mar to Tue 17 Mar 2026" in said
    assert "1 missed 1 skipped 179 finished from now on 179 coming" in said
    assert "24 finished" in said
    assert "missed 07:00 : nothing could open it in time" in said
    assert "skipped 08:00 : the earlier run was still going" in said
    for run in (missed, skipped):
        assert reverse("run", args=[run.pk]) in page


def test_a_weekly_seed_names_its_slots_in_its_own_zone(viewer: Client):
    seed = seed_of(1, schedule="cron", cron="30 7 * * 1", time_zone="Asia/Tokyo")
    ran(seed, NOW - 8 * DAY, NOW)
    said = words(overview(viewer, seed))
    assert "Mon 9 Mar finished 07:30" in said
    assert "Mon 16 Mar coming 07:30" in said
    assert said.count("not due") >= 13
    assert "on Monday, Asia/Tokyo" in said


@pytest.mark.parametrize("seconds", [60, 30])
def test_every_slot_of_a_busy_seed_can_be_reached(
    viewer: Client, seconds: int, django_assert_max_num_queries
):
    seed = seed_of(seconds)
    a_day = 86400 // seconds
    begin = datetime(2026, 3, 9, tzinfo=UTC)
    ran(seed, begin, begin + DAY)
    with django_assert_max_num_queries(SESSION + 4):  # seed, bound, the row before, rows
        page = overview(viewer, seed)
    assert f"{a_day:,}".replace(",", " ") + "</b> finished" in page
    with django_assert_max_num_queries(SESSION + 3):
        hours = day(viewer, seed, "2026-03-09")
    assert hours.count(f"{3600 // seconds}</b> finished") == 24
    links = re.findall(r'class="main num" href="[^"]*\?(hour=\d+)"', hours)
    assert links == [f"hour={hour}" for hour in range(24)]
    for hour in (0, 23):
        part = day(viewer, seed, "2026-03-09", hour=hour)
        runs = re.findall(r'<td class="slot"><a class="main" href="/runs/(\d+)/"', part)
        slots_of_hour = seed.runs.filter(
            slot__gte=begin + hour * HOUR, slot__lt=begin + (hour + 1) * HOUR
        ).order_by("slot")
        assert [int(run) for run in runs] == list(slots_of_hour.values_list("pk", flat=True))


def test_slots_in_one_state_are_listed_page_by_page(viewer: Client, django_assert_max_num_queries):
    seed = seed_of(60)
    begin = datetime(2026, 3, 9, tzinfo=UTC)
    ran(seed, begin, begin + 10 * HOUR)
    ran(seed, begin + 10 * HOUR, begin + 14 * HOUR, state=Run.State.SKIPPED, reason="overlap")
    ran(seed, begin + 14 * HOUR, begin + DAY)
    with django_assert_max_num_queries(SESSION + 4):  # and the runs of the table
        page = day(viewer, seed, "2026-03-09", state="skipped")
    assert "1 to 150 of 240" in page
    assert page.count('<td class="slot"><a') == 150
    last = day(viewer, seed, "2026-03-09", state="skipped", part=2)
    assert last.count('<td class="slot"><a') == 90
    assert ">13:59</time>" in last
    hour = day(viewer, seed, "2026-03-09", hour=9, state="finished", reason="")
    assert hour.count('<td class="slot"><a') == 60
    assert "No due time of this hour is so" in day(viewer, seed, "2026-03-09", hour=9, state="missed")
    assert day(viewer, seed, "2026-03-09", hour=99).count("60</b> finished") == 20


def test_the_row_that_the_ledger_bounds_is_told_slot_by_slot(viewer: Client):
    """A downtime of three days, as the clock's own code writes it down: 101 rows for 4,321 slots."""
    seed = seed_of(60)
    Seed.objects.filter(pk=seed.pk).update(next_slot=NOW - 3 * DAY)
    opened = ledger.answer_due(NOW).runs
    assert (len(opened), seed.runs.count()) == (1, 101)
    many = seed.runs.get(slots__gt=1)
    page = overview(viewer, seed)
    said = words(page)
    assert f"{3 * 1440:,} missed".replace(",", " ") in said
    assert said.count("1 440 missed : nothing could open it in time") == 2
    assert "1 due" in said
    rows = day(viewer, seed, "2026-03-08", hour=5)
    assert rows.count(f'href="{reverse("run", args=[many.pk])}"') == 60
    assert f"one row for {many.slots:,} slots".replace(",", " ") in rows


def test_a_row_for_many_slots_of_another_schedule_is_never_dropped(viewer: Client):
    seed = seed_of(3600)
    missed = factories.make_run(
        seed, "missed", at=NOW - 3 * DAY, slots=999, last_slot=NOW - 2 * DAY, reason="downtime"
    )
    said = words(overview(viewer, seed))
    assert "999 due times missed together" in said
    assert said.count("missed some of 999 : nothing could open it in time") == 2
    later = day(viewer, seed, "2026-03-08", hour=0)  # it began the day before
    assert "999 due times missed together" in words(later)
    assert reverse("run", args=[missed.pk]) in later


def test_what_has_no_row_says_why(viewer: Client):
    young = seed_of(3600, created_at=NOW - DAY - HOUR)
    assert words(overview(viewer, young)).count("the seed did not exist yet") == 6
    assert "The seed did not exist yet: it was made" in words(day(viewer, young, "2026-03-05"))
    off = seed_of(3600, enabled=False)
    said = words(overview(viewer, off))
    assert "The schedule is off: nothing comes until it is switched on" in said
    assert "24 not due : the schedule is off" in said
    assert "coming" not in said
    lost = seed_of(3600)
    assert "24 not recorded : it has no row, though the seed was not saved since" in words(
        overview(viewer, lost)
    )
    Seed.objects.filter(pk=lost.pk).update(updated_at=NOW)
    assert "24 not due : the schedule was off then, or another" in words(overview(viewer, lost))


def test_a_seed_that_runs_by_hand_has_no_slots(viewer: Client):
    seed = factories.make_seed(schedule="manual")
    factories.make_run(seed, at=NOW - HOUR, kind=Run.Kind.MANUAL)
    said = words(overview(viewer, seed))
    assert "It runs only when somebody asks for it, so it has no due times" in said
    assert "finished" not in said
    factories.make_run(seed, at=NOW - HOUR)
    assert "what is shown is left of an earlier schedule" in words(overview(viewer, seed))


def test_a_schedule_or_zone_that_cannot_be_read_is_no_error(viewer: Client):
    seed = seed_of(3600)
    ran(seed, NOW - DAY, NOW)
    Seed.objects.filter(pk=seed.pk).update(schedule="cron", cron="61 * * * *", time_zone="Mars/Olympus")
    said = words(overview(viewer, seed))
    assert "The schedule cannot be read, so only what is recorded is shown" in said
    assert "24 finished" in said


def test_the_day_on_which_the_clock_is_put_back_has_25_hours(viewer: Client, monkeypatch):
    set_clock(monkeypatch, datetime(2026, 10, 24, 12, tzinfo=UTC))
    seed = seed_of(3600, time_zone="Europe/Berlin")
    Seed.objects.filter(pk=seed.pk).update(next_slot=datetime(2026, 10, 24, 13, tzinfo=UTC))
    assert "Sun 25 Oct 25 h long: the clock is put back 25 coming" in words(overview(viewer, seed))
    said = words(day(viewer, seed, "2026-10-25"))
    assert "01:00 coming 02:00 CEST coming 02:00 CET coming 03:00 coming" in said.replace(" – ", " ")


def test_one_may_turn_the_pages_and_mistakes_lead_back(viewer: Client):
    seed = seed_of(3600)
    early = overview(viewer, seed, around="2026-02-23")
    assert "Mon 16 Feb to Mon 2 Mar 2026" in words(early)
    assert "?around=2026-02-08" in early and "?around=2026-03-10" in early
    assert "Tue 3 Mar to Tue 17 Mar 2026" in words(overview(viewer, seed, around="yesterday"))
    for date in ("2026-02-30", "1", "0001-01-01", "9999-12-31"):
        assert viewer.get(reverse("seed-day", args=[seed.pk, date])).status_code == 404
        overview(viewer, seed, around=date)
    Seed.objects.filter(pk=seed.pk).update(deleted_at=NOW)
    assert viewer.get(reverse("seed-calendar", args=[seed.pk])).status_code == 404


def test_a_seed_due_every_second_shows_fewer_days_at_a_time(viewer: Client, monkeypatch):
    monkeypatch.setattr(calendar, "MOST", 1000)
    seed = seed_of(600)
    said = words(overview(viewer, seed))
    assert "It is due so often that fewer days are shown" in said
    assert "Sat 7 Mar to Fri 13 Mar 2026" in said
    assert "?around=2026-03-17" in overview(viewer, seed)
