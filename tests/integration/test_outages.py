"""Outages: one event when one begins, none while it lasts, one when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Coverage, Event, Run, Seed
from crawler.outcomes import Outcome, Reason
from pipelines.events.ended_runs import judge_run
from pipelines.events.outages import Outage, open_outages
from scheduler.clock.ledger import answer_due
from tests.factories import NOW, Got, crawl, make_seed
from tests.integration.stored_pages import StoredShop, product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
Kind = Event.Kind


class Watched:
    """A seed with runs a day apart, each judged when it has ended, twice: a task may be sent twice."""

    def __init__(self) -> None:
        self.seed: Seed = make_seed("Shop", fields=[])
        self.day = 0

    def run(self, *got: Got, coverage: dict[str, Any] | None = None, **values: Any) -> Run:
        self.day += 1
        run = crawl(self.seed, got or [Got(f"{SITE}/")], at=NOW + timedelta(days=self.day), **values)
        for name, fallen in (coverage or {}).items():
            Coverage.objects.create(run=run, collection=name, fallen=fallen, pages=9)
        for _ in range(2):
            judge_run(run.pk, NOW)
        return run


@pytest.fixture
def watched() -> Watched:
    return Watched()


def told() -> list[tuple[str, str]]:
    """The kinds of events, each with the kind that it ends, its collection or its subject."""
    return [
        (row.get_kind_display(), row.collection or row.subject or (Kind(row.ends).label if row.ends else ""))
        for row in Event.objects.order_by("pk")
    ]


FAILED = Got(f"{SITE}/", Outcome.FAILED, "timeout", None)


def test_runs_that_get_nothing_are_told_once_until_one_gets_something(watched: Watched) -> None:
    run = watched.run(FAILED)
    assert Outage(Kind.RUN_FAILED) in open_outages(watched.seed.pk)
    watched.run(FAILED)
    watched.run()
    assert not open_outages(watched.seed.pk)
    watched.run()
    watched.run(FAILED)
    assert told() == [("run failed", ""), ("well again", "run failed"), ("run failed", "")]
    first = Event.objects.earliest("pk")
    assert (first.run_id, first.detail) == (run.pk, "It got no page: 1 of 1 addresses failed.")


@pytest.mark.parametrize(
    "values", [{"reason": Reason.STOPPED}, {"kind": Run.Kind.RECRAWL}, {"compared": False}], ids=str
)
def test_what_says_nothing_of_the_seed_begins_and_ends_no_outage(
    watched: Watched, values: dict[str, Any]
) -> None:
    watched.run(FAILED, **values)
    assert told() == []


def test_a_collection_that_falls_is_told_until_it_is_read_or_its_fall_accepted(watched: Watched) -> None:
    fall = {"": {"since": NOW.isoformat(), "pages": []}}
    accepted = {"": {**fall[""], "accepted": NOW.isoformat()}}
    watched.run(coverage={"teas": {}, "pots": {}})
    watched.run(coverage={"teas": fall, "pots": fall})
    watched.run(coverage={"teas": fall, "pots": accepted})
    watched.run(coverage={"teas": {}})
    fell, well = "values missing", "well again"
    assert told() == [(fell, "teas"), (fell, "pots"), (well, "pots"), (well, "teas")]
    assert "teas: read on 0 of 9 pages" in Event.objects.earliest("pk").detail


def refused(path: str, status: int = 403) -> Got:
    return Got(f"{SITE}/{path}", Outcome.FAILED, f"http_{status}", status)


def test_a_host_that_refuses_most_of_what_is_asked_blocks_us(watched: Watched) -> None:
    pages = [Got(f"{SITE}/{number}") for number in range(4)]
    watched.run(*pages, *(refused(f"private/{number}") for number in range(4)))
    assert told() == []
    watched.run(*pages, *(refused(f"p/{number}", 429) for number in range(5)))
    watched.run(refused(""))
    watched.run(Got("http://other.example/"))  # says nothing of the host
    watched.run()
    blocked = [("blocked", SITE), ("run failed", ""), ("well again", "run failed"), ("well again", SITE)]
    assert told() == blocked
    assert Event.objects.earliest("pk").detail == "5 of 9 answers were 403 or 429."


@pytest.mark.parametrize("judged", [True, False])
def test_a_block_page_and_an_expired_login_are_told_while_the_run_goes_on(judged: bool) -> None:
    shop = StoredShop("a", "b")
    shop.run(a=[product("assam")], b="login_page")
    shop.run(a="login_page", b="block_page")
    if judged:
        judge_run(Run.objects.latest("pk").pk, NOW)
    assert told()[:2] == [("login expired", ""), ("blocked", SITE)]
    assert Event.objects.get(kind=Kind.LOGIN_EXPIRED).url == f"{SITE}/a"
    shop.run(a="login_page", b="block_page")
    assert Event.objects.filter(kind__in=[Kind.LOGIN_EXPIRED, Kind.HOST_BLOCKED]).count() == 2
    judge_run(shop.run(a=[product("assam")], b=[product("ceylon")]).pk, NOW)
    ended = Event.objects.filter(kind=Kind.WELL_AGAIN).values_list("ends", flat=True)
    assert {Kind.LOGIN_EXPIRED, Kind.HOST_BLOCKED} <= set(ended)


def test_slots_that_were_missed_are_told_once_for_all_of_them() -> None:
    seed = make_seed(interval_seconds=3600, created_at=NOW, next_slot=NOW)
    answer_due(NOW + timedelta(hours=5))
    assert Run.objects.filter(state=Run.State.MISSED).count() == 5
    assert told() == [("missed", "")]
    Run.objects.filter(state=Run.State.DUE).delete()
    answer_due(NOW + timedelta(hours=9))
    assert told() == [("missed", "")]
    run = crawl(seed, [Got(f"{SITE}/")], at=NOW + timedelta(hours=10))
    judge_run(run.pk, NOW)
    assert told()[1:] == [("well again", "missed")]


def test_a_slot_that_is_opened_late_is_told() -> None:
    seed = make_seed(created_at=NOW, next_slot=NOW)
    answer_due(NOW + timedelta(minutes=30))
    assert told() == [("late", "")]
    assert Event.objects.get().detail == "It was due at 2026-03-10 12:00 UTC and began 30 minutes late."
    Run.objects.all().delete()
    waited = crawl(seed, [Got(f"{SITE}/")], at=NOW + timedelta(hours=1), slot=NOW)
    judge_run(waited.pk, NOW)
    assert told() == [("late", "")]
    judge_run(crawl(seed, [Got(f"{SITE}/")], at=NOW + timedelta(hours=2)).pk, NOW)
    assert told()[1:] == [("well again", "late")]
