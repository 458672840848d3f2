"""Inputs on which a store or an opening ends half-way: known after two times, and set aside."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import OperationalError
from django.utils import timezone

from catalog.models import Batch, Run, Visit
from crawler.outcomes import Outcome
from pipelines import runs
from pipelines.runs import opening as opening_of_runs
from pipelines.store import attempts, store_batch
from pipelines.store import batch as store
from scheduler import opening
from tests.factories import due_run, make_seed, open_run
from tests.integration.test_store import batch_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]

PAGES = 4


class Death(BaseException):
    """The process dies: nothing after it is executed."""


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def run(now: datetime) -> Run:
    urls = "\n".join(f"http://a.test/{number}" for number in range(PAGES))
    return open_run(make_seed(start_urls=urls), at=now)


def deadly(monkeypatch, visit_id: int | None, error: type[BaseException] = Death) -> None:
    """Let a store end at a visit; at None before it has looked at one."""
    real = store._BatchWork.take

    def take(self, fetched, parsed):
        if fetched.visit_id == visit_id and fetched.reason is None:
            raise error
        return real(self, fetched, parsed)

    def no_parts(*_):
        raise error

    monkeypatch.setattr(store._BatchWork, "take", take)
    if visit_id is None:
        monkeypatch.setattr(attempts, "read_parsed", no_parts)


def outcomes(run: Run) -> list[tuple[int, str | None]]:
    return list(Visit.objects.filter(run=run).order_by("pk").values_list("outcome", "reason"))


@pytest.mark.parametrize("error", [Death, ValueError])
def test_a_visit_on_which_two_stores_ended_is_set_aside_and_no_other(run, now, monkeypatch, error):
    batch = batch_of(run, now)
    poison = Visit.objects.filter(run=run).order_by("pk")[1].pk
    deadly(monkeypatch, poison, error)
    for _ in range(3):
        with pytest.raises(error):
            store_batch(batch.pk, now)
    store_batch(batch.pk, now)
    stored = (Outcome.STORED, None)
    assert outcomes(run) == [stored, (Outcome.FAILED, "store_killed"), stored, stored]
    run.refresh_from_db()
    assert (run.state, runs.recount(run.pk)) == (Run.State.FINISHED, {})
    batch.refresh_from_db()
    assert (batch.state, batch.suspect) == (Batch.State.STORED, None)


def test_a_batch_that_no_store_gets_through_is_set_aside_as_a_whole(run, now, monkeypatch):
    batch = batch_of(run, now)
    deadly(monkeypatch, None)
    for _ in range(attempts.MOST):
        with pytest.raises(Death):
            store_batch(batch.pk, now)
    store_batch(batch.pk, now)
    assert outcomes(run) == [(Outcome.FAILED, "store_killed")] * PAGES
    run.refresh_from_db()
    assert (run.state, runs.recount(run.pk)) == (Run.State.FINISHED, {})


def test_trouble_of_the_database_says_nothing_about_a_page(run, now, monkeypatch):
    batch = batch_of(run, now)
    with monkeypatch.context() as patch:
        deadly(patch, Visit.objects.filter(run=run).latest("pk").pk, OperationalError)
        for _ in range(10):
            with pytest.raises(OperationalError):
                store_batch(batch.pk, now)
    batch.refresh_from_db()
    assert (batch.store_attempts, batch.store_quarantined) == (0, [])
    store_batch(batch.pk, now)
    assert outcomes(run) == [(Outcome.STORED, None)] * PAGES


def test_a_run_whose_opening_ends_half_way_is_given_up_and_no_other(now, monkeypatch):
    deadly_run, *others = [
        due_run(make_seed(name, start_urls=f"http://{name}.test/"), at=now) for name in "abc"
    ]

    real_usable = opening_of_runs.usable

    def usable(what, lines):
        if any("//a.test" in line for line in lines):
            raise Death
        return real_usable(what, lines)

    monkeypatch.setattr(opening_of_runs, "usable", usable)
    for _ in range(3):
        with pytest.raises(Death):
            opening.open_all(list(Run.objects.filter(state=Run.State.DUE).order_by("-pk")), now)
    opening.open_all(list(Run.objects.filter(state=Run.State.DUE)), now)
    deadly_run.refresh_from_db()
    assert (deadly_run.state, deadly_run.reason) == (Run.State.FINISHED, "opening_killed")
    assert {Run.objects.get(pk=other.pk).state for other in others} == {Run.State.OPEN}
    assert runs.recount(deadly_run.pk) == {}
