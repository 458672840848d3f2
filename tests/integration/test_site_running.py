"""What people see of a run while it goes, and beside the run before: only what is known and true."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Event, Host, Run, RunHost, Seed
from crawler.outcomes import Outcome
from djsite.desk.steering.beside_before import beside_before
from djsite.desk.steering.time_left import time_left
from tests import factories
from tests.factories import NOW, Got

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
AT = NOW + timedelta(minutes=2)


def pages(count: int, host: str = "shop.example") -> list[Got]:
    return [Got(f"http://{host}/{number}") for number in range(count)]


def going(*hosts: str, waiting: int = 0) -> Run:
    """A run that goes since two minutes and had ten answers of each host."""
    seed = factories.make_seed("Tea", start_urls="http://shop.example/")
    gots = [got for host in hosts for got in pages(10, host)]
    run = factories.crawl(seed, gots, state="open", waiting=waiting)
    Run.objects.filter(pk=run.pk).update(started_at=NOW)
    run.refresh_from_db()
    for host in Host.objects.all():
        RunHost.objects.get_or_create(run=run, host=host)
    return run


def test_the_time_left_is_that_of_what_waits_at_the_pace_of_its_host():
    run = going("shop.example", waiting=20)
    assert time_left(run, AT).words == "about 4 min left, at 5 pages a minute"


def test_of_several_hosts_the_one_counts_that_needs_longest():
    run = going("shop.example", "other.example", waiting=20)
    forecast = time_left(run, AT)
    assert (round(forecast.seconds), round(forecast.per_minute), forecast.waiting) == (240, 5, 20)


def test_what_is_not_known_is_not_foretold():
    run = going("shop.example", waiting=20)
    assert time_left(run, AT + timedelta(hours=1)) is None  # no answer in the last minutes
    Host.objects.update(open_until=AT + timedelta(minutes=9))
    assert time_left(run, AT) is None  # its host rests
    Host.objects.update(open_until=None)
    run.state = Run.State.PAUSED
    assert time_left(run, AT) is None
    assert time_left(going_of_one(), AT) is None  # too few answers


def going_of_one() -> Run:
    run = factories.crawl(factories.make_seed("One"), pages(1, "one.example"), state="open", waiting=3)
    Run.objects.filter(pk=run.pk).update(started_at=NOW)
    run.refresh_from_db()
    return run


def finished(seed: Seed, gots: list[Got], hour: int, minutes: int, **values) -> Run:
    at = NOW + timedelta(hours=hour)
    run = factories.crawl(seed, gots, at=at)
    values |= {"started_at": at, "finished_at": at + timedelta(minutes=minutes)}
    Run.objects.filter(pk=run.pk).update(**values)
    return Run.objects.get(pk=run.pk)


def failures(count: int) -> list[Got]:
    return [
        Got(f"http://shop.example/old/{n}", Outcome.FAILED, "http_404", 404, depth=1) for n in range(count)
    ]


@pytest.fixture
def seed() -> Seed:
    return factories.make_seed("Tea")


def test_a_run_is_told_beside_the_run_before(seed, client: Client):
    first = finished(seed, pages(3) + failures(3), 0, 10)
    run = finished(seed, pages(5) + failures(1), 1, 6)
    for number in range(3):
        Event.objects.create(
            seed=seed,
            kind=Event.Kind.FIELD_CHANGED,
            at=NOW,
            run_id=run.pk,
            field="price",
            subject=str(number),
        )
    sentence = "2 more pages than the run before, price changed 3 times, 2 failures fewer, 4 min faster."
    assert beside_before(run) == (first, sentence)
    assert beside_before(first) is None
    factories.log_in(client, "viewer")
    assert sentence in client.get(reverse("run", args=[run.pk])).content.decode()


def test_a_run_that_differs_in_nothing_says_so(seed):
    finished(seed, pages(3), 0, 10)
    run = finished(seed, pages(3), 1, 10)
    assert beside_before(run)[1] == "As many pages and failures as in the run before."


@pytest.mark.parametrize("cut", [0, 1])
def test_a_run_that_was_stopped_is_compared_with_none(seed, cut):
    reasons = ["stopped" if number == cut else "" for number in range(2)]
    runs = [finished(seed, pages(3 + n), n, 10, reason=reasons[n]) for n in range(2)]
    assert beside_before(runs[1]) is None
