"""Lists of events: each filter finds what it says, in slices that miss nothing, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.models import Event, Seed
from djsite.desk.events.kept import entries_of, keep
from djsite.desk.events.listing import EventList, tidy
from djsite.desk.events.summary import changes_of_run, day_of
from djsite.desk.read import keyset
from djsite.desk.read.tally import MANY
from tests import factories
from tests.factories import NOW, make_event, make_seed

pytestmark = pytest.mark.django_db
Kind, State = Event.Kind, Event.State


@pytest.fixture
def seed() -> Seed:
    return make_seed("Teas")


def subjects(query: str) -> list[str]:
    """What a list shows, its slices put together; a download has the same."""
    wanted, now = EventList.of_query(query), NOW + timedelta(hours=1)
    parts = [wanted.part(now, size=2)]
    while cursor := parts[-1].following:
        parts.append(wanted.part(now, cursor, size=2))
    listed = [event.subject for part in parts for event in part.rows]
    assert listed == [event.subject for part in wanted.all_of_it(now, 2) for event in part]
    return listed


def test_a_list_has_the_newest_first_and_each_once(seed):
    for name, second in (("a", 1), ("b", 3), ("c", 2), ("d", 3), ("e", 3)):
        make_event(seed, subject=name, at=NOW + timedelta(seconds=second))
    assert subjects("") == ["e", "d", "b", "c", "a"]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("kind=new", ["New"]),
        ("kind=gone", ["Gone"]),
        ("kind=changed&direction=down", ["Cheaper"]),
        ("direction=up", ["Dearer"]),
        ("least=5", ["Dearer"]),
        ("percent=20", ["Dearer", "Cheaper"]),
        ("percent=20.9&direction=down", []),
        ("field=stock", ["Stock"]),
        ("collection=reviews", ["New"]),
        ("text=STOCK", ["Stock"]),
        ("kind=trouble", ["Trouble"]),
        ("kind=pages", ["Page"]),
        ("withdrawn=1&field=price", ["Withdrawn", "Dearer", "Cheaper"]),
        ("since=1&kind=changed", ["Dearer", "Stock", "Cheaper"]),
        ("begin=2026-03-10&end=2026-03-10&field=stock", ["Stock"]),
        ("end=2026-03-09", ["Long ago"]),
        ("begin=2026-03-11", []),
        ("run=7", ["Gone"]),
        ("since=x&begin=yesterday&end=10000-01-01&run=x&field=stock", ["Stock"]),
    ],
)
def test_a_filter_shows_what_it_says(seed, query, listed):
    make_event(seed, subject="Long ago", at=NOW - timedelta(days=2), collection="x", kind=Kind.RECORD_GONE)
    make_event(seed, subject="Cheaper")
    make_event(
        seed, subject="Stock", field="stock", before="many", after="few", difference=None, percent=None
    )
    make_event(seed, subject="Dearer", difference=5.0, percent=40.0)
    make_event(seed, subject="New", kind=Kind.RECORD_NEW, collection="reviews")
    make_event(seed, subject="Gone", kind=Kind.RECORD_GONE, run_id=7)
    make_event(seed, subject="Page", kind=Kind.PAGE_CHANGED)
    make_event(seed, subject="Trouble", kind=Kind.RUN_FAILED)
    make_event(seed, subject="Withdrawn", state=State.WITHDRAWN)
    if query == "kind=gone":
        listed = [*listed, "Long ago"]
    assert subjects(query) == listed


def test_without_a_kind_pages_stand_for_seeds_that_read_no_things(seed):
    news = make_seed("News", fields=[])
    make_event(seed, subject="Tea")
    make_event(seed, subject="Page with the tea", kind=Kind.PAGE_CHANGED)
    make_event(news, subject="Article", kind=Kind.PAGE_CHANGED)
    make_event(news, subject="Trouble", kind=Kind.RUN_FAILED)
    assert subjects("") == ["Article", "Tea"]


def test_a_seed_that_was_deleted_shows_nothing_and_not_everything(seed):
    gone = make_seed("Gone", deleted_at=NOW)
    make_event(seed)
    make_event(gone, subject="Of a deleted seed")
    assert subjects(f"seed={gone.pk}") == []
    assert subjects("") == ["Assam"]


def test_a_rare_match_is_searched_for_in_slices(seed, monkeypatch):
    monkeypatch.setattr(keyset, "SEARCHED", 4)
    for number in range(20):
        make_event(seed, subject="rare" if number in (1, 18) else "common")
    first = EventList.of_query("text=rare").part(NOW)
    assert ([event.subject for event in first.rows], first.searched) == (["rare"], 4)
    assert subjects("text=rare") == ["rare", "rare"]


def test_a_list_of_a_run_is_in_the_order_of_kinds(seed):
    for kind in (Kind.RECORD_GONE, Kind.FIELD_CHANGED, Kind.RECORD_NEW, Kind.FIELD_CHANGED):
        make_event(seed, kind=kind, run_id=5, subject=kind.label)
    assert subjects("run=5") == ["new", "changed", "changed", "gone"]


def test_the_query_of_a_list_is_tidied():
    assert tidy("after=3~4&text=&field=price&seed=4&x=1&kind=new") == "seed=4&field=price&kind=new"
    assert tidy("") == ""


def test_a_day_counts_by_seed_and_word(seed):
    news = make_seed("News", fields=[])
    for kind in (Kind.RECORD_NEW, Kind.FIELD_CHANGED, Kind.FIELD_CHANGED, Kind.PAGE_NEW):
        make_event(seed, kind=kind)
    make_event(news, kind=Kind.PAGE_NEW)
    make_event(seed, at=NOW - timedelta(days=2))
    make_event(seed, state=State.WITHDRAWN)
    day = day_of(NOW)
    assert [(each.name, each.counts) for each in day.seeds] == [
        ("Teas", {"new": 1, "changed": 2}),
        ("News", {"new": 1}),
    ]
    assert {word: str(count) for word, count in day.counts.items()} == {
        "new": "2",
        "changed": "2",
        "gone": "0",
    }


def test_a_day_with_very_much_is_counted_to_a_bound(seed, monkeypatch):
    monkeypatch.setattr("djsite.desk.events.summary.MANY", 3)
    assert MANY == 10_000
    for _ in range(9):
        make_event(seed)
    assert str(day_of(NOW).counts["changed"]) == "3+"


def test_a_run_is_compared_with_the_run_before(seed):
    first, recrawl, second = (
        factories.make_run(seed, at=NOW + timedelta(hours=hour), discovered=9, stored=9, kind=kind)
        for hour, kind in enumerate(("scheduled", "recrawl", "scheduled"))
    )
    make_event(seed, run_id=first.pk, kind=Kind.RECORD_GONE)
    make_event(seed, run_id=recrawl.pk, kind=Kind.RECORD_GONE)
    for _ in range(7):
        make_event(seed, run_id=second.pk)
    make_event(seed, run_id=second.pk, state=State.WITHDRAWN)
    make_event(seed, run_id=second.pk, kind=Kind.PAGE_CHANGED)
    changes = changes_of_run(second)
    assert changes.before == first
    assert not changes.first
    assert [(kind.word, str(kind.count), str(kind.before), len(kind.rows)) for kind in changes.kinds] == [
        ("new", "0", "0", 0),
        ("changed", "7", "0", 3),
        ("gone", "0", "1", 0),
    ]
    assert changes_of_run(first).first
    assert not changes_of_run(recrawl).first


def test_a_feed_leaves_out_what_is_not_certain(seed):
    for state in State:
        make_event(seed, state=state, subject=state.label)
    view = keep(factories.make_user(), "All", "")
    assert [event.subject for event in entries_of(view, NOW)] == ["settled", "confirmed", "new"]
