"""A part of a site is left out of a run while it goes: what waits is skipped, and no more of it comes."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from catalog.models import Host, Run, Seed, SeedEdit, Visit
from crawler.outcomes import Outcome, Reason
from crawler.outlinks import VisitKind
from crawler.rules.keys import Keys
from djsite.desk.steering import leaving_out
from pipelines import runs
from pipelines.frontier.admit import Candidate, admit
from pipelines.runs import left_out
from tests import factories
from tests.factories import NOW, Got

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "archive")]
SHOP = "http://shop.example"
PATTERN = f"{SHOP}/forum/*"


@pytest.fixture
def seed() -> Seed:
    return factories.make_seed("Tea", start_urls=f"{SHOP}/", exclude=f"{SHOP}/basket*")


@pytest.fixture
def run(seed: Seed) -> Run:
    """A run that goes: one page is stored, and five wait, three of them in the forum."""
    run = factories.crawl(seed, [Got(f"{SHOP}/")], state="open")
    run.policy_json = seed.policy().plain()
    run.save()
    for path in ("forum/1", "forum/2", "forum/3", "tea/1", "tea/2"):
        factories.make_visit(run, Got(f"{SHOP}/{path}"), state=Visit.State.QUEUED, due_at=NOW, found_on=None)
    Run.objects.filter(pk=run.pk).update(discovered=6)
    run.refresh_from_db()
    return run


def ends(run: Run) -> dict[str, str | None]:
    done = Visit.objects.filter(run=run, state=Visit.State.DONE, outcome=Outcome.SKIPPED)
    return dict(done.values_list("url", "reason"))


def find(run: Run, *paths: str) -> int:
    """Links that a page of the run names; how many became visits."""
    link = Keys.of(run.policy).link
    return admit(run, [Candidate(link(f"{SHOP}/{path}"), depth=1) for path in paths], NOW).new


def test_what_waits_of_it_is_skipped_with_the_reason_and_the_rest_goes_on(run):
    assert left_out.leave_out(run, PATTERN, "ann", NOW)
    assert runs.settle_run(run.pk, NOW)
    assert ends(run) == {f"{SHOP}/forum/{n}": Reason.LEFT_OUT for n in (1, 2, 3)}
    run.refresh_from_db()
    assert (run.skipped, run.discovered - run.done, runs.recount(run.pk)) == (3, 2, {})
    assert Host.objects.get(origin=f"{SHOP}:80").due_at is not None
    assert not left_out.runs_to_settle()
    assert not left_out.leave_out(run, PATTERN, "ann", NOW)


def test_the_sweep_goes_on_with_what_was_interrupted(run):
    left_out.leave_out(run, PATTERN, "ann", NOW)
    assert left_out.runs_to_settle() == [run.pk]
    runs.settle_runs(NOW)
    assert len(ends(run)) == 3


def test_links_that_were_read_before_are_not_admitted_after(run):
    left_out.leave_out(run, PATTERN, "ann", NOW)
    run.refresh_from_db()
    assert find(run, "forum/9", "tea/9") == 1
    assert not Visit.objects.filter(run=run, url__contains="forum/9", kind=VisitKind.PAGE)


def test_a_run_that_is_over_is_left_as_it_is(seed):
    run = factories.crawl(seed, [Got(f"{SHOP}/")])
    assert not left_out.leave_out(run, PATTERN, "ann", NOW)
    assert "from its next run on" in leaving_out.leave_out(run, PATTERN, NOW, None)
    seed.refresh_from_db()
    assert seed.exclude.splitlines() == [f"{SHOP}/basket*", PATTERN]


def test_a_person_sees_what_it_would_skip_and_then_does_it(client: Client, run, seed):
    user = factories.log_in(client, "operator")
    url = reverse("run-leave-out", args=[run.pk])
    page = client.get(url, {"pattern": PATTERN}).content.decode()
    assert "3 waiting addresses match." in page
    assert f"{SHOP}/forum/2" in page
    assert not ends(run)
    assert "can never match" in client.get(url, {"pattern": "forum"}).content.decode()
    assert client.post(url, {"pattern": PATTERN}).status_code == 302
    edit = SeedEdit.objects.get(seed=seed)
    assert (edit.person, edit.after) == (user, {"exclude": f"{SHOP}/basket*\n{PATTERN}"})
    run.refresh_from_db()
    assert run.left_out[0]["by"] == user.get_username()


def test_folders_of_what_waits_are_offered(run):
    assert leaving_out.folders(run) == [(PATTERN, 3), (f"{SHOP}/tea/*", 2)]


def test_who_may_not_say_where_a_seed_goes_leaves_nothing_out(run, seed):
    Seed.objects.filter(pk=seed.pk).update(allow_networks="10.0.0.0/8")
    with pytest.raises(PermissionDenied):
        leaving_out.leave_out(run, PATTERN, NOW, factories.make_user("operator"))
    run.refresh_from_db()
    assert (run.left_out, run.policy.exclude) == ([], (f"{SHOP}/basket*",))
