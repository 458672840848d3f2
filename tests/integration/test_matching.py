"""What happened becomes rows of the outbox: once for each channel, in order, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Alert, Channel, Event, KeptView, Notice, Page, Promise, SecondLook, Seed
from pipelines.telling import matching
from pipelines.telling.matching import events_wait, match_events
from tests.factories import NOW, Got, crawl, make_seed, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
Condition, Kind, State = Alert.Condition, Event.Kind, Event.State
URL = "http://shop.example/assam"


@pytest.fixture
def seed() -> Seed:
    return make_seed("Teas")


@pytest.fixture
def channel() -> Channel:
    return make_channel("team")


def make_channel(name: str, **values: Any) -> Channel:
    return Channel.objects.create(name=name, kind="webhook", **values)


def make_alert(*channels: Channel, condition: str = Condition.FIELD_DOWN, **values: Any) -> Alert:
    given = {"name": "fell", "second_look": False, **values}
    alert = Alert.objects.create(condition=condition, **given)
    alert.channels.set(channels)
    return alert


def fall(seed: Seed, **values: Any) -> Event:
    given = {"kind": Kind.FIELD_CHANGED, "at": NOW, "field": "price", "subject": "Assam"}
    given |= {"before": 12.5, "after": 10, "difference": -2.5, "percent": -20.0}
    return Event.objects.create(seed=seed, **given | values)


def told() -> list[tuple[str, int]]:
    """The channel and the event of each notice, in their order."""
    return list(Notice.objects.order_by("pk").values_list("channel__name", "event_id"))


def state_of(event: Event) -> Event.State:
    event.refresh_from_db()
    return State(event.state)


def test_an_event_that_meets_an_alert_is_told_at_once_by_its_channels(seed, channel):
    alert = make_alert(channel, make_channel("me"))
    event, other = fall(seed), fall(seed, difference=2.5)
    assert match_events(NOW) is False
    assert sorted(told()) == [("me", event.pk), ("team", event.pk)]
    assert set(Notice.objects.values_list("alert", "due_at", "message")) == {(alert.pk, NOW, None)}
    assert set(Channel.objects.values_list("name", "due_at")) == {("me", NOW), ("team", NOW)}
    alert.refresh_from_db()
    assert alert.last_met_at == NOW
    assert state_of(event) == state_of(other) == State.SETTLED
    assert not events_wait()


def test_alerts_look_at_their_own_seed_their_list_or_all_and_only_while_they_are_on(seed, channel):
    elsewhere = make_seed("Coffees")
    view = KeptView.objects.create(name="falls", query=f"seed={seed.pk}&percent=20")
    ways = {"seed": {"seed": seed}, "all": {}, "off": {"enabled": False}, "view": {"view": view}}
    for name, where in ways.items():
        condition = Condition.ANYTHING if name == "view" else Condition.FIELD_DOWN
        make_alert(make_channel(name), condition=condition, **where)
    here, there = fall(seed), fall(elsewhere)
    match_events(NOW)
    assert sorted(told()) == sorted(
        [("seed", here.pk), ("view", here.pk), ("all", here.pk), ("all", there.pk)]
    )


def test_two_alerts_tell_one_channel_of_an_event_once_at_the_earlier_time(seed, channel):
    make_alert(channel, rhythm="daily")
    at_once = make_alert(channel)
    event = fall(seed)
    match_events(NOW)
    assert told() == [("team", event.pk)]
    assert Notice.objects.values_list("alert", "due_at").get() == (at_once.pk, NOW)


def test_a_digest_is_due_at_its_time_and_its_channel_as_soon_as_anything_is(seed, channel):
    make_alert(channel, rhythm="daily", time_zone="Europe/Berlin")
    fall(seed)
    match_events(NOW)
    channel.refresh_from_db()
    assert channel.due_at == datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
    make_alert(channel, rhythm="hourly", condition=Condition.RUN_FAILED)
    fall(seed, kind=Kind.RUN_FAILED)
    match_events(NOW)
    channel.refresh_from_db()
    assert channel.due_at == datetime(2026, 3, 10, 13, 0, tzinfo=UTC)
    fall(seed)
    match_events(NOW)
    channel.refresh_from_db()
    assert channel.due_at == datetime(2026, 3, 10, 13, 0, tzinfo=UTC)


def test_what_is_rolled_back_is_not_told_and_stays_to_be_settled(seed, channel, monkeypatch):
    make_alert(channel)
    event = fall(seed)

    def fails(*_: Any) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(matching._Match, "write", lambda self, events: (self.notices.write(), fails()))
        match_events(NOW)
    assert told() == []
    assert state_of(event) == State.NEW
    match_events(NOW)
    assert told() == [("team", event.pk)]


def test_a_slice_is_settled_at_a_time_the_oldest_first(seed, channel, monkeypatch):
    monkeypatch.setattr(matching, "SLICE", 2)
    make_alert(channel)
    events = [fall(seed) for _ in range(3)]
    assert match_events(NOW) is True
    assert [pk for _, pk in told()] == [event.pk for event in events[:2]]
    assert match_events(NOW) is False
    assert [pk for _, pk in told()] == [event.pk for event in events]


def test_nobody_is_told_of_a_seed_that_was_deleted(seed, channel):
    make_alert(channel)
    Seed.objects.filter(pk=seed.pk).update(deleted_at=NOW)
    event = fall(seed)
    match_events(NOW)
    assert told() == []
    assert state_of(event) == State.SETTLED


@pytest.fixture
def page(seed) -> Page:
    for price, at in (("12.50", NOW - timedelta(hours=1)), ("10", NOW)):
        crawl(seed, [Got(URL, fields={"name": "Assam", "price": price}, text=f"Assam {price} €")], at=at)
    Event.objects.all().delete()  # those that the crawl wrote
    return Page.objects.get()


def test_alerts_that_wait_are_told_when_a_second_look_agrees_and_the_others_at_once(seed, page):
    make_alert(make_channel("waits"), second_look=True)
    make_alert(make_channel("hasty"))
    event = fall(seed, page_id=page.pk)
    match_events(NOW)
    assert told() == [("hasty", event.pk)]
    assert state_of(event) == State.AWAITED
    assert SecondLook.objects.get().events == [event.pk]
    Event.objects.filter(pk=event.pk).update(state=State.CONFIRMED)
    match_events(NOW)
    assert told() == [("hasty", event.pk), ("waits", event.pk)]
    assert state_of(event) == State.SETTLED


def test_nothing_waits_that_its_channel_is_told_at_once_or_that_no_look_can_confirm(seed, page, channel):
    make_alert(channel)
    for condition in (Condition.FIELD_DOWN, Condition.RUN_FAILED):
        make_alert(channel, condition=condition, second_look=True)
    events = [fall(seed, page_id=page.pk), fall(seed, kind=Kind.RUN_FAILED)]
    match_events(NOW)
    assert [pk for _, pk in told()] == [event.pk for event in events]
    assert not SecondLook.objects.exists()


def test_what_needs_no_second_look_is_matched_again_at_once(seed, page, channel):
    make_alert(channel, second_look=True)
    Seed.objects.filter(pk=seed.pk).update(second_look_minutes=None)
    event = fall(seed, page_id=page.pk)
    assert match_events(NOW) is True
    assert match_events(NOW) is False
    assert told() == [("team", event.pk)]


def test_the_text_of_a_page_is_compared_with_the_version_before(seed, page, channel):
    make_alert(channel, condition=Condition.TEXT_APPEARS, text="10 €")
    make_alert(make_channel("other"), condition=Condition.TEXT_APPEARS, text="assam")
    make_alert(make_channel("gone"), condition=Condition.TEXT_VANISHES, text="12.50")
    event = fall(seed, kind=Kind.PAGE_CHANGED, page_id=page.pk, snapshot_id=page.latest_id)
    match_events(NOW)
    assert sorted(told()) == [("gone", event.pk), ("team", event.pk)]


def test_values_that_are_no_longer_found_are_told_to_those_who_keep_the_seed(seed):
    view = KeptView.objects.create(name="all")
    viewer, operator = (make_user(role, role) for role in ("viewer", "operator"))
    of_viewer, of_operator = (make_channel(f"of {user}", owner=user) for user in (viewer, operator))
    for owner in (viewer, operator):
        make_alert(of_viewer, of_operator, condition=Condition.ANYTHING, view=view, owner=owner)
    fell = fall(seed, kind=Kind.COVERAGE_FELL)
    again = fall(seed, kind=Kind.WELL_AGAIN, ends=Kind.COVERAGE_FELL)
    change = fall(seed)
    match_events(NOW)
    assert set(told()) == {
        *(("of operator", event.pk) for event in (fell, again, change)),
        ("of viewer", change.pk),
    }
    assert set(Notice.objects.filter(event__in=[fell, again]).values_list("alert__owner", flat=True)) == {
        operator.pk
    }


def test_a_broken_promise_is_told_by_its_own_channels_and_by_alerts(seed, channel):
    promise = Promise.objects.create(seed=seed, deadline=time(8))
    promise.channels.set([channel])
    make_alert(make_channel("list"), condition=Condition.ANYTHING, rhythm="daily")
    broken = fall(seed, kind=Kind.PROMISE_BROKEN, before={"promise": promise.pk})
    kept = fall(seed, kind=Kind.WELL_AGAIN, ends=Kind.PROMISE_BROKEN, before={"promise": promise.pk})
    match_events(NOW)
    assert set(told()) == {(name, event.pk) for name in ("team", "list") for event in (broken, kept)}
    assert set(Notice.objects.filter(channel=channel).values_list("alert", "due_at")) == {(None, NOW)}


def test_matching_asks_as_often_for_many_events_and_alerts_as_for_few(
    seed, channel, django_assert_max_num_queries
):
    for number in range(8):
        make_alert(channel, owner=make_user(f"person{number}", "operator"))
    for _ in range(30):
        fall(seed)
    with django_assert_max_num_queries(12):
        match_events(NOW)
    assert Notice.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_workers_that_match_at_once_write_each_notice_once_and_in_order(seed, channel, monkeypatch):
    monkeypatch.setattr(matching, "SLICE", 3)
    make_alert(channel)
    events = [fall(seed) for _ in range(20)]
    together = Barrier(3, timeout=30)

    def work() -> None:
        together.wait()
        try:
            while match_events(timezone.now()):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work) for _ in range(3)]:
            done.result()
    assert told() == [("team", event.pk) for event in events]
    assert not events_wait()
