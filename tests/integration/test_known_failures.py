"""A failure that somebody accepted colours no run, until the address does otherwise; and it stays visible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Event, KnownFailure, Run, Seed, Visit
from crawler.outcomes import Outcome
from djsite.browse.charts import words_of
from djsite.desk.known.accepting import accept, failures_of, take_back
from djsite.desk.known.showing import known_by_reason
from djsite.desk.seeding.edits import Author
from pipelines.events.ended_runs import judge_run
from pipelines.runs import finish_run
from scheduler.watch.setbacks import setbacks
from scheduler.watch.troubles import troubles
from tests import factories
from tests.factories import NOW, Got
from tests.fakeweb import Answer, FakeWeb
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "archive")]
START, LINK = "http://shop.example/", "http://shop.example/old"
GONE = (Outcome.FAILED, "http_404", 404)


def ended(seed: Seed, gots: Sequence[Got]) -> Run:
    """A run that has ended in the way of the pipeline."""
    at = NOW + timedelta(hours=seed.runs.count())
    run = factories.crawl(seed, gots, at=at, state="open")
    assert finish_run(run.pk, at)
    run.refresh_from_db()
    return run


def accepted(run: Run, reason: str = "") -> int:
    count = accept(run, failures_of(run, reason), NOW, Author(None))
    run.refresh_from_db()
    return count


@pytest.fixture
def seed() -> Seed:
    return factories.make_seed("Tea")


@pytest.fixture
def run(seed: Seed) -> Run:
    return ended(seed, [Got(START), Got(LINK, *GONE, depth=1)])


def test_an_accepted_failure_is_counted_apart_in_this_run_and_in_the_next(seed, run):
    assert words_of(run).tone == "warn"
    assert accepted(run) == 1
    assert (run.failed, run.known_failures, words_of(run).tone) == (1, 1, "good")
    again = ended(seed, [Got(START), Got(LINK, *GONE, depth=1)])
    assert (again.failed, again.known_failures, words_of(again).tone) == (1, 1, "good")
    assert known_by_reason(again) == {"http_404": 1}
    other = ended(seed, [Got(START), Got("http://shop.example/new", *GONE, depth=1)])
    assert (other.known_failures, words_of(other).tone) == (0, "warn")


@pytest.mark.parametrize(
    ("got", "ending"),
    [
        (Got(LINK), "answered"),
        (Got(LINK, Outcome.REDIRECTED, None, 301), "answered"),
        (Got(LINK, Outcome.FAILED, "http_500", 500), "other"),
        (Got(LINK, Outcome.SKIPPED, "robots", None), ""),
    ],
)
def test_it_is_over_as_soon_as_the_address_does_otherwise(seed, run, got, ending):
    accepted(run)
    again = ended(seed, [Got(START), got])
    known = KnownFailure.objects.get()
    assert (known.ending, known.ended_at is not None, again.known_failures) == (ending, bool(ending), 0)


def test_accepted_late_it_is_over_at_once_if_the_newest_run_had_an_answer(seed, run):
    ended(seed, [Got(START), Got(LINK)])
    accepted(run)
    assert KnownFailure.objects.get().ending == "answered"


def test_taken_back_it_counts_again(seed, run):
    accepted(run)
    assert take_back(KnownFailure.objects.all(), seed, NOW, Author(None)) == 1
    run.refresh_from_db()
    assert (run.known_failures, words_of(run).tone) == (0, "warn")
    assert take_back(KnownFailure.objects.all(), seed, NOW, Author(None)) == 0
    assert accepted(run) == 1


def test_a_seed_whose_only_address_is_accepted_is_in_no_trouble(seed):
    runs = [ended(seed, [Got(START, *GONE)]) for _ in range(2)]
    judge_run(runs[-1].pk, NOW)
    assert [trouble.seed for trouble in troubles()] == [seed]
    accepted(runs[0])
    assert accepted(runs[1]) == 0
    assert (troubles(), setbacks()) == ([], [])
    last = ended(seed, [Got(START, *GONE)])
    judge_run(last.pk, NOW)
    kinds = list(seed.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == [Event.Kind.RUN_FAILED, Event.Kind.WELL_AGAIN]
    ended(seed, [Got(START, Outcome.FAILED, "timeout", None)])
    assert [row.seed for row in setbacks()] == [seed]


def test_on_the_page_of_a_run_a_person_accepts_a_reason_and_takes_back_one(client: Client, seed):
    links = [Got(f"http://shop.example/{n}", *GONE, depth=1) for n in range(3)]
    run = ended(seed, [Got(START), *links, Got(LINK, Outcome.FAILED, "timeout", None, depth=1)])
    user = factories.log_in(client, "operator")
    page = client.post(reverse("run-accept", args=[run.pk]), {"reason": "http_404"}, follow=True)
    assert "3 failures are accepted" in page.content.decode()
    assert set(KnownFailure.objects.values_list("reason", "person")) == {("http_404", user.pk)}
    client.post(reverse("seed-known", args=[seed.pk]), {"known": KnownFailure.objects.first().pk})
    back = KnownFailure.objects.get(ending="back")
    assert (back.ended_by, Run.objects.get(pk=run.pk).known_failures) == (user, 2)
    assert back.url in client.get(reverse("seed-known", args=[seed.pk])).content.decode()


def test_failures_for_a_reason_are_tried_again_in_a_run_of_their_own(client: Client, seed, run):
    factories.log_in(client, "operator")
    client.post(reverse("run-retry", args=[run.pk]), {"reason": "http_404"})
    recrawl = Run.objects.get(kind=Run.Kind.RECRAWL)
    assert list(Visit.objects.filter(run=recrawl).values_list("url", flat=True)) == [LINK]
    assert timezone.now() >= recrawl.created_at


@pytest.mark.django_db(transaction=True)
def test_the_path_counts_it_when_the_last_page_ends_the_run(valkey):
    with FakeWeb() as web:
        web.on("/", Answer(body='<a href="/old">an old link</a>'))
        web.on("/old", Answer(status=404))
        seed = factories.make_web_seed(web)
        first = crawl_seed(seed, valkey)
        assert (first.failed, accepted(first)) == (1, 1)
        again = crawl_seed(seed, valkey)
        assert (again.failed, again.known_failures, words_of(again).tone) == (1, 1, "good")
        web.on("/old", Answer(body="It is back."))
        crawl_seed(seed, valkey)
    assert KnownFailure.objects.get().ending == "answered"
