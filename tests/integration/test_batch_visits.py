"""The visit book on a real database: how visits leave a batch, for good or for another try."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from catalog.models import Attempt, Batch, Host, Run, Visit
from crawler.outcomes import Outcome, Reason, http_reason
from crawler.rules.urls import url_fingerprint
from pipelines.handover import Fetched
from pipelines.store.decisions import Decision
from pipelines.store.visits import AGAIN, BatchVisits
from tests.factories import NOW, Got, crawl, make_batch, make_host, make_run, make_seed, new_fetched

pytestmark = pytest.mark.django_db
URL = "http://shop.example/x"
BUSY = Decision(reason=Reason.TIMEOUT, retry_in=40.0)


@pytest.fixture
def run() -> Run:
    return make_run(make_seed(), Run.State.OPEN, at=NOW - timedelta(hours=1))


@pytest.fixture
def batch(run: Run) -> Batch:
    return make_batch(rank=run.rank, state=Batch.State.PARSED)


@pytest.fixture
def book() -> BatchVisits:
    return BatchVisits(NOW)


def visit_of(run: Run, batch: Batch, url: str = URL, **values: object) -> Visit:
    """A visit that waits in the batch for what store decides."""
    facts = {"state": Visit.State.FETCHED, "batch": batch, "due_at": NOW, "rank": run.rank} | values
    return Visit.objects.create(
        run=run, host=make_host(url), url=url, fingerprint=url_fingerprint(url), **facts
    )


def fetched(visit: Visit, **values: object) -> Fetched:
    """Its fetch, a second ago."""
    facts = {"elapsed_ms": 90, "fetched_at": NOW.timestamp() - 1, "content_type": "text/html"}
    return new_fetched(visit, **(facts | values))


def due_of(host: Host) -> tuple[int, datetime | None]:
    host.refresh_from_db()
    return host.rank, host.due_at


def test_a_visit_that_is_done_says_how_it_ended_and_leaves_the_batch(run, batch, book):
    visit = visit_of(run, batch)
    book.finish(fetched(visit, status=404), Decision(Outcome.FAILED, http_reason(404)))
    book.write({})
    visit.refresh_from_db()
    assert (visit.state, visit.outcome, visit.reason, visit.status) == (
        Visit.State.DONE,
        Outcome.FAILED,
        "http_404",
        404,
    )
    assert (visit.attempts, visit.elapsed_ms, visit.batch) == (1, 90, None)
    assert visit.fetched_at == NOW - timedelta(seconds=1)
    assert (visit.page, visit.snapshot, visit.text_signature) == (None, None, None)


def test_a_visit_points_at_what_was_stored_or_at_what_is_known(run, batch, book, archive):
    done = crawl(make_seed(), [Got(f"{URL}/1"), Got(f"{URL}/2")])
    first, second = done.visits.order_by("pk")
    stored, unchanged = visit_of(run, batch, f"{URL}/1"), visit_of(run, batch, f"{URL}/2")
    book.finish(fetched(stored), Decision(Outcome.STORED))
    book.finish(fetched(unchanged), Decision(Outcome.UNCHANGED), (second.page_id, second.snapshot_id))
    book.sign(fetched(unchanged), -5)
    book.write({stored.pk: (first.page_id, first.snapshot_id)})
    stored.refresh_from_db()
    unchanged.refresh_from_db()
    assert (stored.page, stored.snapshot, stored.text_signature) == (first.page, first.snapshot, None)
    assert (unchanged.page, unchanged.snapshot, unchanged.text_signature) == (
        second.page,
        second.snapshot,
        -5,
    )


def test_a_visit_that_is_tried_again_waits_in_the_frontier_and_its_try_is_written_down(run, batch, book):
    visit = visit_of(run, batch, attempts=1)
    book.again(fetched(visit, status=None, detail="no answer"), BUSY, held=False)
    book.write({})
    visit.refresh_from_db()
    later = NOW + timedelta(seconds=40)
    assert (visit.state, visit.batch, visit.attempts, visit.due_at) == (Visit.State.QUEUED, None, 2, later)
    assert visit.outcome is None
    (attempt,) = Attempt.objects.all()
    assert (attempt.visit, attempt.number, attempt.reason, attempt.detail, attempt.next_due_at) == (
        visit,
        2,
        Reason.TIMEOUT,
        "no answer",
        later,
    )
    assert due_of(visit.host) == (run.rank, later)


def test_a_try_that_was_written_down_before_is_not_written_twice(run, batch):
    visit = visit_of(run, batch)
    for _ in range(2):
        book = BatchVisits(NOW)
        book.again(fetched(visit), BUSY, held=False)
        book.write({})
    assert Attempt.objects.count() == 1


def test_a_visit_that_moves_goes_on_at_once_at_its_other_url(run, batch, book):
    visit = visit_of(run, batch, hops=1, attempts=1)
    book.again(fetched(visit, status=301), Decision(moved_to=f"{URL}?lang=en"), held=False)
    book.write({})
    visit.refresh_from_db()
    assert (visit.url, visit.hops, visit.due_at) == (f"{URL}?lang=en", 2, NOW)
    assert (visit.state, visit.attempts) == (Visit.State.QUEUED, 1)
    assert not Attempt.objects.exists()
    assert due_of(visit.host) == (run.rank, NOW)


def test_a_visit_of_a_paused_run_is_held(run, batch, book):
    held, free = visit_of(run, batch, f"{URL}/1"), visit_of(run, batch, f"{URL}/2")
    book.again(fetched(held), BUSY, held=True)
    book.again(fetched(free), BUSY, held=False)
    book.write({})
    held.refresh_from_db()
    free.refresh_from_db()
    assert (held.state, free.state) == (Visit.State.HELD, Visit.State.QUEUED)


def test_a_host_is_told_of_the_first_try_that_comes_due(run, batch, book):
    waits = (90.0, 40.0, 60.0)
    visits = [visit_of(run, batch, f"{URL}/{number}") for number in range(len(waits))]
    for visit, wait in zip(visits, waits, strict=True):
        book.again(fetched(visit), Decision(reason=Reason.TIMEOUT, retry_in=wait), held=False)
    book.write({})
    assert due_of(visits[0].host) == (run.rank, NOW + timedelta(seconds=40))


def test_ends_are_counted_with_their_reasons_and_further_tries_with_theirs(run, batch, book):
    visits = [visit_of(run, batch, f"{URL}/{number}") for number in range(5)]
    for visit in visits[:2]:
        book.finish(fetched(visit), Decision(Outcome.STORED))
    book.finish(fetched(visits[2]), Decision(Outcome.SKIPPED, Reason.ROBOTS))
    book.again(fetched(visits[3]), BUSY, held=False)
    book.again(fetched(visits[4]), Decision(moved_to=URL), held=False)
    assert book.ends == Counter(
        {("stored", ""): 2, ("skipped", "robots"): 1, (AGAIN, "timeout"): 1, (AGAIN, "moved"): 1}
    )


def test_an_empty_book_writes_nothing(book, django_assert_num_queries):
    with django_assert_num_queries(0):
        book.write({})
