"""Promises about data: judged at their deadline, told once, and what they hold until a run mends them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from catalog.models import Channel, Coverage, Event, Notice, Promise, Run, Seed
from crawler.outcomes import Outcome
from pipelines.promises import check_due, check_seed, holds_of, put_in_force
from pipelines.promises.deadlines import deadline_after, deadlines_before
from pipelines.promises.telling import channels_of
from pipelines.telling.matching import match_events
from tests.factories import Got, crawl, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
DAY = timedelta(days=1)
MADE = datetime(2026, 3, 10, 12, tzinfo=UTC)
DUE = datetime(2026, 3, 11, 7, 15, tzinfo=UTC)  # 08:15 in Berlin


@pytest.fixture
def seed() -> Seed:
    return make_seed("Teas", fields=[])


def promised(seed: Seed, **values: Any) -> Promise:
    """By 08:15 in Berlin every day."""
    promise = Promise(seed=seed, **({"deadline": time(8, 15), "time_zone": "Europe/Berlin"} | values))
    put_in_force(promise, MADE)
    return promise


def ran(seed: Seed, at: datetime, pages: int = 3, *, measured: bool = True, **coverage: Any) -> Run:
    run = crawl(seed, [Got(f"{SITE}/{number}") for number in range(pages)], at=at)
    Run.objects.filter(pk=run.pk).update(compared=measured or None)
    if coverage:
        counts = {"pages": pages, "holding": pages, "records": pages, "collection": "teas"}
        Coverage.objects.create(run=run, **(counts | coverage))
    return run


def told() -> list[tuple[int, str]]:
    return list(Event.objects.order_by("pk").values_list("kind", "detail"))


def reasons(promise: Promise) -> list[str]:
    promise.refresh_from_db()
    assert bool(promise.reasons) == bool(promise.broken_since)
    return list(promise.reasons)


def test_a_promise_is_kept_by_what_a_run_got_since_the_deadline_before(seed: Seed) -> None:
    promise = promised(seed, least=3)
    ran(seed, DUE - timedelta(hours=1))
    check_due(DUE - timedelta(minutes=1))
    promise.refresh_from_db()
    assert promise.next_due_at == DUE
    check_due(DUE)
    assert reasons(promise) == []
    assert promise.next_due_at == DUE + DAY
    check_due(DUE + DAY)
    assert reasons(promise) == ["No run has got pages since 2026-03-11 08:15 Europe/Berlin."]


def test_a_broken_promise_is_told_once_to_its_channels_and_once_when_it_is_mended(seed: Seed) -> None:
    promise = promised(seed, least=3)
    channels = [Channel.objects.create(name=name, kind="mail") for name in ("ops", "off")]
    promise.channels.set(channels)
    Channel.objects.filter(name="off").update(enabled=False)
    for days in range(2):
        check_due(DUE + days * DAY)
    (hold,) = holds_of(seed.pk)
    assert hold.sentence == (
        "Teas is held since 2026-03-11 07:15 UTC: No run has got pages since 2026-03-11 08:15 Europe/Berlin."
    )
    check_seed(seed.pk, DUE + DAY)
    ran(seed, DUE + DAY + timedelta(minutes=30))
    check_seed(seed.pk, DUE + DAY + timedelta(hours=1))
    assert reasons(promise) == holds_of(None) == []
    broken, well = Event.objects.order_by("pk")
    assert (broken.kind, well.kind, well.ends) == (
        Event.Kind.PROMISE_BROKEN,
        Event.Kind.WELL_AGAIN,
        Event.Kind.PROMISE_BROKEN,
    )
    assert (broken.at, broken.before, well.detail) == (DUE, {"promise": promise.pk}, "after 25 h")
    assert channels_of(broken) == channels_of(well) == channels
    match_events(DUE + 2 * DAY)
    assert list(Notice.objects.order_by("pk").values_list("channel", "event", "alert")) == [
        (channel.pk, event.pk, None) for event in (broken, well) for channel in channels
    ]
    promise.delete()
    assert channels_of(broken) == []


def test_what_is_there_but_was_not_seen_since_does_not_count(seed: Seed) -> None:
    promise = promised(seed, least=3)
    ran(seed, DUE - 2 * DAY, pages=9)
    ran(seed, DUE - timedelta(hours=1), pages=2)
    check_due(DUE)
    assert reasons(promise) == ["Only 2 of at least 3 pages."]


def test_without_a_number_it_expects_about_as_many_as_usual(seed: Seed) -> None:
    promise = promised(seed)
    for days in (3, 2):
        ran(seed, DUE - days * DAY, pages=8)
    ran(seed, DUE - timedelta(hours=1), pages=6)
    check_due(DUE)
    assert reasons(promise) == []
    ran(seed, DUE + timedelta(hours=1), pages=5)
    check_due(DUE + DAY)
    assert reasons(promise) == ["Only 5 of the usual 8 pages."]


@pytest.mark.parametrize("complete", [True, False])
def test_fields_have_to_be_as_complete_as_usual_if_it_says_so(seed: Seed, complete: bool) -> None:
    promise = promised(seed, collection="teas", as_complete=complete)
    fall = {"price": {"since": DUE.isoformat(), "pages": []}}
    ran(seed, DUE - DAY, records=9, fields={"price": [9, 0]})
    ran(seed, DUE - timedelta(hours=1), records=9, fields={"price": [1, 0]}, fallen=fall)
    check_due(DUE)
    assert reasons(promise) == (["teas: few values of price (1 of 9)."] if complete else [])


def test_records_are_counted_where_the_seed_has_a_collection(seed: Seed) -> None:
    promise = promised(seed, collection="teas")
    ran(seed, DUE - DAY, records=500)
    ran(seed, DUE - timedelta(hours=1), records=200)
    check_due(DUE)
    assert reasons(promise) == ["Only 200 of the usual 500 teas."]


def test_a_run_that_is_not_measured_yet_is_waited_for(seed: Seed) -> None:
    promise = promised(seed, least=3)
    run = ran(seed, DUE - timedelta(minutes=3), pages=1, measured=False)
    check_due(DUE)
    promise.refresh_from_db()
    assert (promise.next_due_at, promise.broken_since) == (DUE, None)
    Run.objects.filter(pk=run.pk).update(compared=True)
    check_due(DUE + timedelta(seconds=30))
    assert reasons(promise) == ["Only 1 of at least 3 pages."]


def test_a_deadline_that_nobody_looked_at_is_looked_at_later(seed: Seed) -> None:
    promise = promised(seed, least=3)
    ran(seed, DUE + 3 * DAY + timedelta(hours=1))
    check_due(DUE + 3 * DAY + timedelta(hours=2))
    assert reasons(promise) == []
    assert promise.next_due_at == DUE + 4 * DAY
    assert [kind for kind, _ in told()] == [Event.Kind.PROMISE_BROKEN, Event.Kind.WELL_AGAIN]


def test_runs_that_got_nothing_keep_no_promise(seed: Seed) -> None:
    promise = promised(seed)
    crawl(seed, [Got(f"{SITE}/", Outcome.FAILED, "timeout", None)], at=DUE - timedelta(hours=1))
    check_due(DUE)
    assert len(reasons(promise)) == 1


def test_a_promise_that_is_switched_off_or_changed_holds_nothing_any_more(seed: Seed) -> None:
    promise = promised(seed, least=3)
    ran(seed, DUE - timedelta(hours=1), pages=2)
    check_due(DUE)
    promise.refresh_from_db()
    promise.least = 2
    put_in_force(promise, DUE + timedelta(hours=1))
    assert reasons(promise) == []
    promise.least = 9
    promise.save()
    check_due(DUE + DAY)
    promise.refresh_from_db()
    promise.enabled = False
    put_in_force(promise, DUE + DAY)
    assert (reasons(promise), promise.next_due_at, holds_of(None)) == ([], None, [])


@pytest.mark.parametrize(
    ("weekdays", "after", "due"),
    [
        pytest.param("0123456", "2026-03-28T12:00", "2026-03-29T06:15", id="the clock is put forward"),
        pytest.param("0123456", "2026-10-24T12:00", "2026-10-25T07:15", id="the clock is put back"),
        pytest.param("01234", "2026-03-27T12:00", "2026-03-30T06:15", id="not on a weekend"),
        pytest.param("6", "2026-03-10T12:00", "2026-03-15T07:15", id="on Sundays"),
    ],
)
def test_a_deadline_is_one_of_its_place(weekdays: str, after: str, due: str) -> None:
    promise = Promise(deadline=time(8, 15), time_zone="Europe/Berlin", weekdays=weekdays)
    next_due = deadline_after(promise, datetime.fromisoformat(f"{after}+00:00"))
    assert next_due == datetime.fromisoformat(f"{due}+00:00")
    assert deadlines_before(promise, next_due)[1] == next_due
    assert deadlines_before(promise, next_due)[0] < next_due - timedelta(hours=22)
