"""Second looks: a change is told when a later look agrees, and one that went back is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.db import transaction
from django.utils import timezone

from catalog.models import Channel, Event, Notice, Page, Record, Run, SecondLook, Snapshot, Visit
from catalog.models.run import SECOND_LOOK
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from djsite.desk.read.runs import list_runs
from pipelines.comparing import contents_child
from pipelines.noise import child as noise_child
from pipelines.noise.learning import learn_noise
from pipelines.telling.second_contents import compare_contents, looks_to_compare
from pipelines.telling.second_looks import ask_second_looks, await_second_look, settle_second_looks
from tests.factories import NOW, Got, crawl, make_seed, make_web_seed
from tests.fakeweb import Answer, FakeWeb
from tests.harness.path import crawl_seed, drive

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
URL = "http://shop.example/assam"
MINUTE = timedelta(minutes=1)
DUE = NOW + 5 * MINUTE
LOOKED = NOW + 6 * MINUTE
State, Kind = Event.State, Event.Kind


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies are read in processes of their own, which take a second to start: others test these."""
    monkeypatch.setattr("pipelines.noise.learning.looks_in_child", noise_child.looks)
    monkeypatch.setattr("pipelines.comparing.contents.same_in_child", contents_child.same)


def looked(price: str | None, at: datetime = NOW) -> None:
    """A run of the shop that saw this price."""
    seed = Page.objects.get().seed if Page.objects.exists() else make_seed(time_zone="Europe/Berlin")
    crawl(seed, [Got(URL, fields={"name": "Assam", "price": price}, text=f"Assam {price}")], at=at)


def event(
    kind: Event.Kind = Kind.FIELD_CHANGED, before: Any = None, after: Any = None, **values: Any
) -> Event:
    """What a run wrote about the one record, or the one page."""
    page, record = Page.objects.get(), Record.objects.get()
    of_record = {"record_id": record.pk, "field": "price"} if kind in Event.RECORDS else {}
    values = {"page_id": page.pk, "snapshot_id": page.latest_id, "at": NOW, **of_record, **values}
    return Event.objects.create(seed=page.seed, kind=kind, before=before, after=after, **values)


def settle(now: datetime) -> None:
    """A sweep, the comparison that it asks for, and the next sweep."""
    settle_second_looks(now)
    if looks_to_compare().exists():
        compare_contents(now)
        settle_second_looks(now)


def stand(*events: Event) -> list[tuple[Event.State, str]]:
    for each in events:
        each.refresh_from_db()
    return [(State(each.state), each.detail) for each in events]


def states(*events: Event) -> list[Event.State]:
    return [state for state, _ in stand(*events)]


@pytest.fixture
def fallen(db: None) -> Event:
    """A price that fell from 12.50 to 9.90, and waits."""
    looked("12.50", NOW - timedelta(hours=1))
    looked("9.90", NOW)
    fell = event(before="12.50", after="9.90")
    await_second_look([fell], NOW)
    return fell


class TestWaiting:
    def test_the_events_of_a_page_wait_together(self, fallen):
        renamed = event(before="Assam", after="Assam TGFOP", field="name")
        await_second_look([renamed], NOW + 2 * MINUTE)
        look = SecondLook.objects.get()
        assert (look.events, look.due_at) == ([fallen.pk, renamed.pk], NOW + 7 * MINUTE)
        assert states(fallen, renamed) == [State.AWAITED] * 2

    def test_a_page_that_changes_all_the_time_is_not_waited_for_for_ever(self, fallen):
        for minute in range(1, 30):
            await_second_look([event(before="1", after="2")], NOW + minute * MINUTE)
        assert SecondLook.objects.get().due_at == NOW + 15 * MINUTE

    def test_without_a_wait_of_its_seed_an_event_is_confirmed_at_once(self):
        looked("12.50")
        page = Page.objects.select_related("seed").get()
        page.seed.second_look_minutes = None
        page.seed.save()
        fell = event(before="12.50", after="9.90")
        await_second_look([fell], NOW)
        assert fell.state == State.CONFIRMED
        assert states(fell) == [State.CONFIRMED]
        assert not SecondLook.objects.exists()

    def test_what_is_of_no_page_or_of_one_that_is_gone_is_confirmed_at_once(self):
        looked("12.50")
        failed = event(Kind.RUN_FAILED, page_id=None)
        Page.objects.update(gone_at=NOW)
        gone = event(Kind.RECORD_GONE, page_id=None)
        await_second_look([failed, gone, event(Kind.PAGE_GONE)], NOW)
        assert set(Event.objects.values_list("state", flat=True)) == {State.CONFIRMED}


class TestAsking:
    def test_nothing_is_asked_before_its_time(self, fallen):
        assert ask_second_looks(DUE - MINUTE) == {}

    def test_due_pages_of_a_seed_are_asked_in_one_recrawl_in_its_lane(self, fallen):
        seed = fallen.seed
        crawl(seed, [Got("http://shop.example/nilgiri", fields={"name": "Nilgiri"})], at=NOW + MINUTE)
        other = Page.objects.exclude(pk=fallen.page_id).get()
        await_second_look([event_of(other)], NOW)
        wake = ask_second_looks(DUE)
        run = Run.objects.get(kind=Run.Kind.RECRAWL)
        assert (run.state, run.reason, run.rank) == (Run.State.OPEN, SECOND_LOOK, 14)
        assert set(wake) == {Lane.NORMAL}
        assert run.discovered == 2
        assert set(SecondLook.objects.values_list("state", "run_id")) == {("asked", run.pk)}
        assert ask_second_looks(DUE + MINUTE) == {}, "it is asked once"
        assert run not in list_runs(), "the list of runs shows what people asked for"
        assert run in list_runs(kind="recrawl")

    def test_what_changes_while_its_page_is_asked_waits_for_a_look_of_its_own(self, fallen):
        ask_second_looks(DUE)
        await_second_look([event(before="9.90", after="9.50")], DUE)
        assert sorted(SecondLook.objects.values_list("state", flat=True)) == ["asked", "waiting"]


def event_of(page: Page) -> Event:
    return Event.objects.create(
        seed=page.seed, kind=Kind.PAGE_CHANGED, at=NOW, page_id=page.pk, snapshot_id=page.latest_id
    )


class TestSettling:
    def test_a_look_before_its_time_says_nothing(self, fallen):
        looked("9.90", NOW + 2 * MINUTE)
        settle_second_looks(NOW + 3 * MINUTE)
        settle_second_looks(DUE)
        assert states(fallen) == [State.AWAITED]

    def test_a_value_that_is_still_there_is_confirmed(self, fallen):
        looked("9.90", LOOKED)
        assert settle_second_looks(LOOKED) == 1
        assert stand(fallen) == [(State.CONFIRMED, "")]
        assert not SecondLook.objects.exists()

    def test_a_value_that_went_back_is_withdrawn_with_its_opposite(self, fallen):
        looked("12.50", LOOKED)
        rose = event(before="9.90", after="12.50", at=LOOKED)
        settle_second_looks(LOOKED)
        words = "At 13:06 Europe/Berlin the price was 12.50 again."
        assert stand(fallen, rose) == [(State.WITHDRAWN, words)] * 2

    def test_its_opposite_is_withdrawn_too_if_it_waits_already(self, fallen):
        looked("12.50", LOOKED)
        rose = event(before="9.90", after="12.50", at=LOOKED)
        ask_second_looks(DUE)
        await_second_look([rose], LOOKED)
        settle_second_looks(LOOKED)
        assert states(fallen, rose) == [State.WITHDRAWN] * 2
        looked("12.50", LOOKED + 6 * MINUTE)
        settle_second_looks(LOOKED + 6 * MINUTE)
        assert states(fallen, rose) == [State.WITHDRAWN] * 2
        assert not SecondLook.objects.exists()

    def test_what_people_were_told_already_is_not_taken_back(self, fallen):
        looked("12.50", LOOKED)
        rose = event(before="9.90", after="12.50", at=LOOKED, state=State.SETTLED)
        channel = Channel.objects.create(name="all", kind="mail")
        Notice.objects.create(channel=channel, event=rose, due_at=LOOKED)
        settle_second_looks(LOOKED)
        assert states(fallen, rose) == [State.WITHDRAWN, State.SETTLED]

    def test_a_value_that_went_on_changing_is_told_as_one_step(self):
        looked("12.50", NOW - timedelta(hours=1))
        money = [{"amount": amount, "currency": "EUR"} for amount in (12.5, 10.0, 5.0)]
        fell = event(before=money[0], after=money[1], difference=-2.5, percent=-20.0)
        await_second_look([fell], NOW)
        looked("5.00", LOOKED)
        Record.objects.update(values={"name": "Assam", "price": money[2]})
        further = event(before=money[1], after=money[2], difference=-5.0, percent=-50.0, at=LOOKED)
        settle_second_looks(LOOKED)
        assert states(fell, further) == [State.WITHDRAWN, State.CONFIRMED]
        assert (further.before, further.after) == (money[0], money[2])
        assert (further.difference, further.percent) == (-7.5, -60.0)

    def test_a_value_that_no_event_explains_is_told_with_what_was_seen(self, fallen):
        looked("11.00", LOOKED)
        settle_second_looks(LOOKED)
        assert stand(fallen) == [(State.CONFIRMED, "At 13:06 Europe/Berlin the price was 11.00.")]

    @pytest.mark.parametrize(
        ("kind", "gone", "state"),
        [
            (Kind.RECORD_NEW, False, State.CONFIRMED),
            (Kind.RECORD_NEW, True, State.WITHDRAWN),
            (Kind.RECORD_GONE, True, State.CONFIRMED),
            (Kind.RECORD_GONE, False, State.WITHDRAWN),
        ],
    )
    def test_a_thing_that_came_or_went_is_looked_for_again(self, kind, gone, state):
        looked("9.90")
        change = event(kind, field="")
        await_second_look([change], NOW)
        looked("9.90", LOOKED)
        Record.objects.update(gone_at=LOOKED if gone else None)
        settle_second_looks(LOOKED)
        assert states(change) == [state]

    def test_a_page_that_shows_the_same_or_something_newer_has_changed(self):
        looked("12.50", NOW - timedelta(hours=1))
        looked("9.90")
        changed = event(Kind.PAGE_CHANGED)
        await_second_look([changed], NOW)
        looked("8.00", LOOKED)
        settle(LOOKED)
        assert states(changed) == [State.CONFIRMED]

    def test_a_page_that_shows_what_it_showed_before_has_not_changed(self):
        looked("12.50", NOW - timedelta(hours=1))
        looked("9.90")
        changed = event(Kind.PAGE_CHANGED)
        await_second_look([changed], NOW)
        looked("12.50", LOOKED)
        back = event(Kind.PAGE_CHANGED, at=LOOKED)
        settle_second_looks(LOOKED)
        words = "At 13:06 Europe/Berlin it was as before."
        assert stand(changed, back) == [(State.WITHDRAWN, words)] * 2

    def test_content_that_came_back_beside_another_advertisement_has_not_changed(self):
        changed, back = self._of_three("Assam<i>1</i>", "Nilgiri<i>2</i>", "Assam<i>3</i>")
        settle(LOOKED)
        words = "At 13:06 Europe/Berlin it was as before."
        assert stand(changed, back) == [(State.WITHDRAWN, words)] * 2

    def test_content_that_stays_beside_another_advertisement_has_changed(self):
        changed, further = self._of_three("Assam<i>1</i>", "Nilgiri<i>2</i>", "Nilgiri<i>3</i>")
        settle(LOOKED)
        assert states(changed, further) == [State.CONFIRMED, State.NEW]

    def test_a_link_is_content_though_the_text_is_as_before(self):
        first, second = "<a href=/1>Tea</a>", "<a href=/2>Tea</a>"
        changed, _ = self._of_three(first, "Nilgiri", second)
        settle(LOOKED)
        assert states(changed) == [State.CONFIRMED]

    def test_what_is_never_compared_is_told_in_the_end(self):
        changed, _ = self._of_three("Assam<i>1</i>", "Nilgiri<i>2</i>", "Assam<i>3</i>")
        settle_second_looks(LOOKED)
        settle_second_looks(LOOKED + MINUTE)
        assert states(changed) == [State.AWAITED]
        settle_second_looks(NOW + timedelta(hours=7))
        assert states(changed) == [State.CONFIRMED]

    def _of_three(self, *markup: str) -> tuple[Event, Event]:
        """A page without fields that showed three things, and the events of the last two."""
        seed = make_seed(fields=[], noise="css: i", time_zone="Europe/Berlin")
        times = (NOW - timedelta(hours=1), NOW, LOOKED)
        events = []
        for shown, at in zip(markup, times, strict=True):
            crawl(seed, [Got(URL, text=shown)], at=at)
            events.append(event_of(Page.objects.get()))
            if at == NOW:
                await_second_look(events[1:], NOW)
        return events[1], events[2]

    def test_its_own_recrawl_counts_whatever_the_clocks_say(self, fallen):
        ask_second_looks(DUE)
        run = Run.objects.get(kind=Run.Kind.RECRAWL)
        visits = Visit.objects.filter(run=run)
        visits.update(state=Visit.State.DONE, outcome=Outcome.UNCHANGED, page=fallen.page_id)
        settle_second_looks(DUE)
        assert states(fallen) == [State.CONFIRMED]


def fail_the_look(now: datetime) -> None:
    """The recrawl that was asked for ends without the page."""
    assert ask_second_looks(now)
    for run in Run.objects.filter(state=Run.State.OPEN):
        Visit.objects.filter(run=run).update(state=Visit.State.DONE, outcome=Outcome.FAILED, reason="connect")
        Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED, failed=1)
    settle_second_looks(now)


class TestLooksThatCannotBeMade:
    def test_they_are_made_again_later_and_later_and_the_change_is_told_in_the_end(self, fallen):
        waits: list[timedelta] = []
        now = DUE
        for _ in range(2):
            fail_the_look(now)
            due_at = SecondLook.objects.get().due_at
            waits.append(due_at - now)
            now = due_at
        assert waits == [10 * MINUTE, 20 * MINUTE]
        assert states(fallen) == [State.AWAITED]
        fail_the_look(now)
        assert stand(fallen) == [(State.CONFIRMED, "A second look was not possible.")]

    def test_a_recrawl_that_does_not_end_holds_nothing_back_for_ever(self, fallen):
        ask_second_looks(DUE)
        settle_second_looks(NOW + timedelta(hours=5))
        assert states(fallen) == [State.AWAITED]
        settle_second_looks(NOW + timedelta(hours=7))
        assert states(fallen) == [State.CONFIRMED]

    def test_a_page_that_was_deleted_meanwhile_holds_nothing_back(self, fallen):
        Page.objects.update(latest=None)
        for model in (Record, Snapshot):
            model.objects.all().delete()
        Page.objects.all().delete()
        assert ask_second_looks(DUE) == {}
        settle_second_looks(DUE)
        assert states(fallen) == [State.CONFIRMED]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("then", "told"), [("12.50", []), ("9.90", [("12.50", "9.90")])])
def test_on_the_path_a_price_that_flaps_is_not_told_and_one_that_stays_is(
    web: FakeWeb, valkey: redis.Redis, then: str, told: list[tuple[str, str]]
):
    seed = make_web_seed(web, fields=[{"name": "price", "css": ".price"}])
    for price in ("12.50", "9.90"):
        web.on("/", Answer(body=f"<h1>Assam</h1><b class=price>{price}</b>"))
        crawl_seed(seed, valkey)
    with transaction.atomic():
        await_second_look(list(Event.objects.filter(state=State.NEW)), timezone.now())
    web.on("/", Answer(body=f"<h1>Assam</h1><b class=price>{then}</b>"))
    SecondLook.objects.update(due_at=timezone.now())
    ask_second_looks(timezone.now())
    drive(Run.objects.get(kind=Run.Kind.RECRAWL), valkey)
    assert settle_second_looks(timezone.now()) == 1
    confirmed = Event.objects.filter(kind=Kind.FIELD_CHANGED, state=State.CONFIRMED)
    assert list(confirmed.values_list("before", "after")) == told
    assert not Event.objects.filter(state__in=[State.NEW, State.AWAITED]).exists(), (
        "nothing is left to be told"
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("names", "states"),
    [
        ("Assam Assam Assam", {State.WITHDRAWN}),
        ("Assam Nilgiri Nilgiri", {State.CONFIRMED, State.NEW}),
    ],
)
def test_on_the_path_an_advertisement_that_rotates_is_learned_before_anybody_is_told(
    web: FakeWeb, valkey: redis.Redis, names: str, states: set[Event.State]
):
    """The second look is itself a pair of versions some minutes apart."""
    seed = make_web_seed(web, fields=[], max_depth=0)
    first, second, third = (_page_with_ad(name, ad) for ad, name in enumerate(names.split()))
    for markup in (first, second):
        web.on("/", Answer(body=markup))
        learn_noise(crawl_seed(seed, valkey).pk, timezone.now())
    with transaction.atomic():
        await_second_look(list(Event.objects.filter(state=State.NEW)), timezone.now())
    web.on("/", Answer(body=third))
    SecondLook.objects.update(due_at=timezone.now())
    ask_second_looks(timezone.now())
    drive(Run.objects.get(kind=Run.Kind.RECRAWL), valkey)
    settle(timezone.now())
    assert set(Event.objects.values_list("state", flat=True)) == states
    assert not SecondLook.objects.exists()


def _page_with_ad(name: str, ad: int) -> str:
    """A page with an advertisement beside it, which is another one each time."""
    text = " ".join(f"{name} is a tea that people drink {when}." for when in ("early", "late", "now"))
    return f"<main><h1>{name}</h1><p>{text}</p></main><aside class=ads>{_ADS[ad]} is on sale</aside>"


_ADS = ("A fast car", "The new phone", "Some red shoes")
