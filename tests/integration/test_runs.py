"""Runs: opened once, paused, stopped and closed with counters that reconcile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from catalog.models import Host, Run, Seed, Visit
from crawler.lanes import Lane
from crawler.outcomes import Outcome, Reason
from pipelines import runs
from pipelines.runs import states as states_of_runs
from tests.factories import NOW, due_run, make_batch, make_seed, open_run

pytestmark = pytest.mark.django_db


def seed_of(urls: str = "http://one.test/\nhttp://two.test/a", **values) -> Seed:
    """A seed of these start URLs, run by hand only."""
    return make_seed(start_urls=urls, schedule="manual", **values)


def states(run: Run) -> list[int]:
    return sorted(run.visits.values_list("state", flat=True))


def stop(run: Run) -> set[int]:
    """Stop a run and settle it; the hosts whose queue changed."""
    assert runs.stop_run(run, NOW)
    return runs.settle_run(run.pk, NOW)


def pause(run: Run) -> set[int]:
    """Pause a run and settle it; the hosts whose queue changed."""
    assert runs.pause_run(run)
    return runs.settle_run(run.pk, NOW)


def due_hosts() -> set[int]:
    return set(Host.objects.exclude(due_at=None).values_list("pk", flat=True))


def test_a_slot_has_one_run_of_each_kind():
    seed = seed_of()
    assert due_run(seed).state == Run.State.DUE
    assert runs.create_run(seed, Run.Kind.SCHEDULED, NOW, NOW) is None
    assert runs.create_run(seed, Run.Kind.MANUAL, NOW, NOW) is not None
    assert runs.create_run(seed, Run.Kind.SCHEDULED, NOW + timedelta(seconds=1), NOW) is not None


def test_what_is_asked_for_by_hand_is_urgent():
    seed = seed_of(lane=Lane.BULK, priority=7)
    assert due_run(seed).rank == 22
    assert due_run(seed, Run.Kind.MANUAL).rank == 2
    assert due_run(seed, Run.Kind.RECRAWL).rank == 2
    assert due_run(seed, Run.Kind.COMMAND).rank == 22


def test_opening_freezes_the_policy_and_admits_the_start_urls():
    seed = seed_of("HTTP://One.test:80/x/../a#part\n http://two.test/ \nhttp://one.test/a", max_depth=3)
    run = due_run(seed)
    host_ids = runs.start_run(run, NOW)
    Seed.objects.update(start_urls="http://changed.test/", max_depth=9)
    run.refresh_from_db()
    assert (run.state, run.started_at, run.discovered) == (Run.State.OPEN, NOW, 2)
    assert run.roots == ["http://one.test/a", "http://two.test/"]
    assert run.policy.start_urls == ("http://one.test/a", "http://two.test/")
    assert run.policy.max_depth == 3
    assert host_ids == due_hosts() == set(run.run_hosts.values_list("host_id", flat=True))
    assert {(visit.depth, visit.rank) for visit in run.visits.all()} == {(0, run.rank)}


def test_a_run_opens_once():
    run = due_run(seed_of())
    assert runs.start_run(run, NOW)
    assert runs.start_run(run, NOW + timedelta(seconds=5)) == set()
    run.refresh_from_db()
    assert (run.started_at, run.discovered) == (NOW, 2)


def test_start_urls_that_cannot_be_used_become_warnings():
    run = open_run(seed_of("http://one.test/\nftp://files.test/\nhttp://"))
    assert run.discovered == 1
    assert run.warnings == [
        "start URL: 'ftp://files.test/' cannot be crawled: only addresses with http:// or https:// can.",
        "start URL: 'http://' is not a web address: not a valid URL.",
    ]


def test_a_run_without_a_good_start_url_ends_at_once():
    run = open_run(seed_of("mailto:me@one.test"))
    assert (run.state, run.reason, run.finished_at) == (Run.State.FINISHED, Reason.BAD_URL, NOW)
    assert run.discovered == 0
    assert len(run.warnings) == 1


def test_the_page_limit_holds_for_start_urls_too():
    run = open_run(seed_of(max_pages=1))
    assert run.discovered == 1
    assert run.limits == {"max_pages": 1}


def test_pausing_holds_what_has_not_begun_and_resuming_queues_it_again():
    run = open_run(seed_of())
    hosts = due_hosts()
    assert runs.pause_run(run)
    assert runs.settle_run(run.pk, NOW) == hosts
    assert states(run) == [Visit.State.HELD] * 2
    assert due_hosts() == set()
    assert not runs.pause_run(run)
    assert runs.settle_run(run.pk, NOW) == set()
    assert runs.resume_run(run)
    assert runs.settle_run(run.pk, NOW) == hosts
    assert states(run) == [Visit.State.QUEUED] * 2
    assert due_hosts() == hosts
    run.refresh_from_db()
    assert run.state == Run.State.OPEN


def test_stopping_skips_what_has_not_begun_and_closes_when_the_rest_has_ended():
    run = open_run(seed_of())
    in_hand = run.visits.first()
    assert in_hand is not None
    batch = make_batch()
    Visit.objects.filter(pk=in_hand.pk).update(state=Visit.State.FETCHED, batch=batch)
    stop(run)
    assert runs.close_runs(NOW) == []
    run.refresh_from_db()
    assert (run.state, run.reason, run.skipped, run.done) == (Run.State.STOPPING, "stopped", 1, 1)
    skipped = run.visits.exclude(pk=in_hand.pk).get()
    assert (skipped.state, skipped.outcome, skipped.reason) == (3, Outcome.SKIPPED, "stopped")

    Visit.objects.filter(pk=in_hand.pk).update(state=Visit.State.DONE, outcome=Outcome.STORED)
    Run.objects.filter(pk=run.pk).update(stored=1)
    assert runs.close_runs(NOW) == [run.pk]
    run.refresh_from_db()
    assert (run.state, run.finished_at, run.reason) == (Run.State.FINISHED, NOW, "stopped")
    assert runs.close_runs(NOW) == []


def test_a_paused_run_can_be_stopped():
    run = open_run(seed_of())
    pause(run)
    stop(run)
    assert runs.close_runs(NOW) == [run.pk]
    assert states(run) == [Visit.State.DONE] * 2


def test_a_run_stopped_before_it_opened_is_skipped():
    run = due_run(seed_of())
    assert stop(run) == set()
    assert runs.start_run(run, NOW) == set()
    run.refresh_from_db()
    assert (run.state, run.reason, run.finished_at) == (Run.State.SKIPPED, "stopped", NOW)


def test_a_finished_run_cannot_be_turned():
    run = open_run(seed_of("nothing good"))
    assert not any([runs.stop_run(run, NOW), runs.pause_run(run), runs.resume_run(run)])
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.FINISHED, "bad_url")


def test_a_run_with_a_pattern_that_cannot_be_used_ends_with_the_reason_in_words():
    seed = seed_of()
    Seed.objects.filter(pk=seed.pk).update(exclude="re:^(?!http://h.test/a)")
    run = open_run(Seed.objects.get(pk=seed.pk))
    assert (run.state, run.reason, run.discovered) == (Run.State.FINISHED, "bad_pattern", 0)
    assert "looks ahead" in run.warnings[0]


def test_orders_go_through_many_visits_in_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipelines.runs.states.CHUNK", 7)
    run = open_run(seed_of("\n".join(f"http://h{at % 9}.test/{at}" for at in range(50))))
    assert len(pause(run)) == 9
    assert states(run) == [Visit.State.HELD] * 50
    assert len(stop(run)) == 9
    assert runs.close_runs(NOW) == [run.pk]
    run.refresh_from_db()
    assert (run.discovered, run.skipped) == (50, 50)
    assert due_hosts() == set()


def test_the_sweep_finishes_an_order_that_was_interrupted():
    run = open_run(seed_of())
    hosts = due_hosts()
    assert runs.pause_run(run)
    assert runs.settle_runs(NOW) == hosts
    assert states(run) == [Visit.State.HELD] * 2
    assert runs.resume_run(run)
    assert runs.settle_runs(NOW) == hosts
    assert states(run) == [Visit.State.QUEUED] * 2
    assert runs.settle_runs(NOW) == set()


def test_a_retry_of_a_stopping_run_is_skipped_by_the_next_sweep():
    run = open_run(seed_of())
    stop(run)
    visit = run.visits.first()
    assert visit is not None
    Visit.objects.filter(pk=visit.pk).update(state=Visit.State.QUEUED, outcome=None)
    Run.objects.filter(pk=run.pk).update(skipped=1)
    runs.settle_runs(NOW)
    assert runs.close_runs(NOW) == [run.pk]


def test_a_run_ends_at_its_longest_duration():
    run = open_run(seed_of(max_minutes=10))
    assert runs.close_runs(NOW + timedelta(minutes=9)) == []
    later = NOW + timedelta(minutes=10)
    assert runs.close_runs(later) == [run.pk]
    run.refresh_from_db()
    assert (run.state, run.reason, run.skipped) == (Run.State.FINISHED, "max_duration", 2)
    assert set(run.visits.values_list("reason", flat=True)) == {"max_duration"}


def test_the_runs_of_a_deleted_seed_are_stopped():
    run = open_run(seed_of())
    Seed.objects.update(deleted_at=NOW)
    assert runs.close_runs(NOW) == [run.pk]
    run.refresh_from_db()
    assert run.reason == "seed_deleted"


def test_counters_are_reconciled_with_the_visits():
    run = open_run(seed_of())
    assert runs.reconcile_counters(run) == {}
    run.visits.filter(pk=run.visits.values("pk")[:1]).update(state=Visit.State.DONE, outcome=Outcome.STORED)
    Run.objects.filter(pk=run.pk).update(discovered=5, failed=3)
    assert runs.reconcile_counters(run) == {"discovered": (5, 2), "stored": (0, 1), "failed": (3, 0)}
    run.refresh_from_db()
    assert (run.discovered, run.stored, run.failed) == (2, 1, 0)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by what its tables hold")
@pytest.mark.parametrize("state", Run.UNDER_WAY)
def test_sqlite_finds_what_is_to_be_settled_without_the_visits_that_are_done(state):
    assert "USING COVERING INDEX visit_open" in states_of_runs.unsettled(1, state).values("state").explain()
