"""What ``crawl`` says while it waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.models import Attempt, Run, Visit
from console.commands.crawl import waiting_for
from tests import factories
from tests.factories import NOW, Got

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    """One visit that failed and is due in 12 seconds."""
    run = factories.crawl(factories.make_seed("Shop"), [Got("http://shop.example/")], state="open", waiting=1)
    visit = Visit.objects.get(run=run, state=Visit.State.QUEUED)
    Visit.objects.filter(pk=visit.pk).update(due_at=NOW + timedelta(seconds=12), url="http://shop.example/a")
    Attempt.objects.create(
        visit=visit, number=1, reason="connect", fetched_at=NOW, next_due_at=NOW + timedelta(seconds=12)
    )
    return run


def test_a_run_that_waits_for_another_try_says_so(run: Run):
    assert waiting_for(run, NOW) == "http://shop.example/a failed (connect) and is tried again in 12 s"


def test_a_run_with_work_to_do_does_not(run: Run):
    assert waiting_for(run, NOW + timedelta(seconds=12)) == ""
    Visit.objects.filter(run=run, state=Visit.State.QUEUED).update(state=Visit.State.FETCHED)
    assert waiting_for(run, NOW) == ""
