"""The frontier on a real database: admission, leases, windows, hand-over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from catalog.models import Batch, Host, Run, RunHost, Visit
from catalog.sql.frontier import Ask
from crawler.lanes import Lane, rank_of
from crawler.policy import SMALL
from crawler.rules.keys import Keys
from pipelines.frontier import batches, hosts, window
from pipelines.frontier.admit import Admitted, Candidate, admit
from pipelines.frontier.hosts import Claim
from pipelines.frontier.seen import SeenLinks
from tests.factories import make_run, make_seed

pytestmark = pytest.mark.django_db
BULK, NORMAL, URGENT = rank_of(Lane.BULK, 5), rank_of(Lane.NORMAL, 5), rank_of(Lane.URGENT, 5)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def some_run(rank: int = NORMAL, **limits: object) -> Run:
    """An open run whose seed has these limits."""
    return make_run(make_seed(**limits), Run.State.OPEN, rank=rank)


def candidates(*urls: str, depth: int = 1) -> list[Candidate]:
    links = [Keys().outlink(url, url) for url in urls]
    return [Candidate(link, depth=depth) for link in links if link is not None]


def take(run: Run, urls: Sequence[str], now: datetime, depth: int = 1) -> Admitted:
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        admitted = admit(locked, candidates(*urls, depth=depth), now)
        locked.save()
    return admitted


def claim(max_rank: int = 98, limit: int = 10, token: str = "t1", seconds: float = 30) -> Claim:
    return Claim(limit=limit, max_rank=max_rank, owner="w1", token=token, seconds=seconds)


class TestAdmission:
    def test_start_urls_are_visited_in_the_order_in_which_people_wrote_them(self, now: datetime) -> None:
        run = some_run()
        urls = [f"http://a.test/{number}" for number in range(40)]
        take(run, urls, now, depth=0)
        host = Host.objects.get()
        (due,) = window.due_visits([Ask(host.pk, 100)], max_rank=98, now=now)
        assert [visit.url for visit in due] == urls

    def test_a_url_is_admitted_once_in_whatever_spelling(self, now: datetime) -> None:
        run = some_run()
        urls = ["http://a.test/x", "HTTP://A.test:80/x#part", "http://a.test/./x", "http://a.test/y"]
        assert take(run, urls, now).new == 2
        assert take(run, urls, now).new == 0
        run.refresh_from_db()
        assert run.discovered == Visit.objects.filter(run=run).count() == 2

    def test_two_runs_admit_the_same_url_each(self, now: datetime) -> None:
        first, second = some_run(), some_run()
        assert take(first, ["http://a.test/x"], now).new == take(second, ["http://a.test/x"], now).new == 1
        assert RunHost.objects.count() == 2

    def test_the_host_learns_of_its_best_work(self, now: datetime) -> None:
        take(some_run(BULK), ["http://a.test/x"], now)
        assert Host.objects.get().rank == BULK
        take(some_run(URGENT), ["http://a.test/y"], now + timedelta(seconds=5))
        host = Host.objects.get()
        assert (host.rank, host.due_at) == (URGENT, now)
        take(some_run(NORMAL), ["http://a.test/z"], now)
        assert Host.objects.get().rank == URGENT

    def test_the_page_limit_is_exact_and_named(self, now: datetime) -> None:
        run = some_run(max_pages=3)
        take(run, ["http://a.test/"], now, depth=0)
        admitted = take(run, [f"http://a.test/{n}" for n in range(10)], now)
        assert admitted.new == 2
        assert admitted.limits == {"max_pages": 8}
        assert take(run, ["http://a.test/", "http://a.test/99"], now).limits == {"max_pages": 1}

    def test_a_dead_end_gives_its_place_in_the_limit_back(self, now: datetime) -> None:
        run = some_run(max_pages=1)
        take(run, ["http://a.test/"], now)
        Run.objects.filter(pk=run.pk).update(failed=1)
        assert take(run, ["http://a.test/second"], now).new == 1

    def test_depth_is_limited_and_named(self, now: datetime) -> None:
        admitted = take(some_run(max_depth=1), ["http://a.test/x", "http://a.test/y"], now, depth=2)
        assert (admitted.new, admitted.limits) == (0, {"max_depth": 2})

    def test_the_largest_depth_has_room_in_its_column(self, now: datetime) -> None:
        assert take(some_run(), ["http://a.test/x"], now, depth=SMALL).new == 1
        assert Visit.objects.get().depth == SMALL

    def test_a_paused_run_admits_without_offering(self, now: datetime) -> None:
        take(make_run(make_seed(), Run.State.PAUSED), ["http://a.test/x"], now)
        assert Visit.objects.get().state == Visit.State.HELD
        assert Host.objects.get().rank == Host.NO_WORK

    def test_counters_that_exceed_what_was_discovered_are_refused(self, now: datetime) -> None:
        run = some_run()
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(stored=1)


class TestLeases:
    def test_a_host_has_one_holder(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x", "http://b.test/x"], now)
        assert len(hosts.lease(claim(), now)) == 2
        assert hosts.lease(claim(token="t2"), now) == []

    def test_the_best_rank_goes_first(self, now: datetime) -> None:
        take(some_run(BULK), ["http://bulk.test/"], now)
        take(some_run(URGENT), ["http://urgent.test/"], now + timedelta(milliseconds=1))
        later = now + timedelta(seconds=1)
        (host,) = hosts.lease(claim(limit=1), later)
        assert host.origin == "http://urgent.test:80"

    def test_urgent_claims_leave_other_hosts_alone(self, now: datetime) -> None:
        take(some_run(BULK), ["http://bulk.test/"], now)
        assert hosts.lease(claim(max_rank=9), now) == []

    def test_a_lease_that_ran_out_is_taken_over(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x"], now)
        hosts.lease(claim(seconds=30), now)
        assert hosts.lease(claim(token="t2"), now + timedelta(seconds=29)) == []
        (host,) = hosts.lease(claim(token="t2"), now + timedelta(seconds=30))
        assert host.lease_until == now + timedelta(seconds=30)  # the old one: its holder asked until then

    def test_a_lease_that_ran_out_in_the_own_hand_is_renewed_and_not_claimed_anew(
        self, now: datetime
    ) -> None:
        take(some_run(), ["http://a.test/x"], now)
        (host,) = hosts.lease(claim(seconds=30), now)
        later = now + timedelta(seconds=45)  # the session's process stood still
        assert hosts.lease(claim(), later) == []
        assert hosts.renew("t1", {host.pk: None}, later + timedelta(seconds=30)) == {host.pk}
        assert hosts.lease(claim(token="t2"), later) == []

    def test_renewal_tells_what_is_lost(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x"], now)
        (host,) = hosts.lease(claim(), now)
        at = now + timedelta(seconds=7)
        assert hosts.renew("t1", {host.pk: at}, now + timedelta(seconds=40)) == {host.pk}
        host.refresh_from_db()
        assert (host.lease_until, host.next_request_at) == (now + timedelta(seconds=40), at)
        assert hosts.renew("other", {host.pk: now}, now) == set()

    def test_a_release_recomputes_the_work_left(self, now: datetime) -> None:
        run = some_run(NORMAL)
        take(run, ["http://a.test/x", "http://a.test/y"], now)
        take(some_run(BULK), ["http://a.test/z"], now)
        (host,) = hosts.lease(claim(), now)
        Visit.objects.filter(run=run).update(due_at=now + timedelta(hours=1))
        hosts.release("t1", [host], now)
        host.refresh_from_db()
        assert (host.rank, host.due_at, host.lease_until) == (BULK, now, None)

    def test_a_host_without_work_is_not_claimed(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x"], now)
        (host,) = hosts.lease(claim(), now)
        Visit.objects.all().delete()
        hosts.release("t1", [host], now)
        host.refresh_from_db()
        assert (host.rank, host.due_at) == (Host.NO_WORK, None)
        assert hosts.lease(claim(), now + timedelta(days=1)) == []

    def test_a_release_by_a_former_holder_changes_nothing(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x"], now)
        (old,) = hosts.lease(claim(seconds=1), now)
        hosts.lease(claim(token="t2"), now + timedelta(seconds=2))
        hosts.release("t1", [old], now)
        assert Host.objects.get().lease_token == "t2"

    def test_a_restarted_worker_frees_its_own_leases(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x"], now)
        hosts.lease(claim(), now)
        assert hosts.release_owner("somebody else", now) == 0
        assert hosts.release_owner("w1", now) == 1
        assert len(hosts.lease(claim(token="t2"), now)) == 1

    def test_sessions_that_died_in_a_row_are_counted_with_the_visit_that_each_had_named(
        self, now: datetime
    ) -> None:
        take(some_run(), ["http://a.test/x"], now)
        for visit_id, ends in ((None, "restart"), (7, "sweep"), (7, "takeover")):
            (host,) = hosts.lease(claim(token=ends, seconds=1), now)
            hosts.suspect(host.pk, visit_id)
            if ends == "restart":
                hosts.release_owner("w1", now)
            else:
                now += timedelta(seconds=2)
            if ends == "sweep":
                hosts.free_ended(now)
        (host,) = hosts.lease(claim(token="t9"), now)
        assert (host.deaths, host.suspect, host.quarantined) == (3, None, [7, 7])
        hosts.release("t9", [host], now)
        host.refresh_from_db()
        assert (host.deaths, host.quarantined) == (0, [7, 7])

    def test_a_worker_that_gives_up_its_work_in_time_has_not_died(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x"], now)
        hosts.lease(claim(), now)
        assert hosts.release_owner("w1", now, died=False) == 1
        assert Host.objects.get().deaths == 0

    def test_the_delay_and_the_breaker_keep_a_host_back(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x"], now)
        Host.objects.update(next_request_at=now + timedelta(seconds=10))
        assert hosts.lease(claim(), now) == []
        Host.objects.update(next_request_at=None, open_until=now + timedelta(seconds=10))
        assert hosts.lease(claim(), now) == []
        assert len(hosts.lease(claim(), now + timedelta(seconds=10))) == 1


class TestWindowAndHandOver:
    def test_the_window_is_the_best_due_work_not_in_hand(self, now: datetime) -> None:
        take(some_run(BULK), ["http://a.test/b1", "http://a.test/b2"], now)
        take(some_run(URGENT), ["http://a.test/u"], now)
        host = Host.objects.get()
        (first,) = window.due_visits([Ask(host.pk, 2)], max_rank=98, now=now)
        assert [due.rank for due in first] == [URGENT, BULK]
        (rest,) = window.due_visits([Ask(host.pk, 2, {d.id for d in first})], max_rank=98, now=now)
        assert len(rest) == 1
        assert window.due_visits([Ask(host.pk, 9)], max_rank=98, now=now - timedelta(1)) == [[]]

    def test_a_visit_belongs_to_one_batch(self, now: datetime) -> None:
        take(some_run(), ["http://a.test/x", "http://a.test/y"], now)
        ids = list(Visit.objects.values_list("pk", flat=True))

        def group(folder: str, visit_ids: list[int]) -> batches.HandOver:
            return batches.HandOver(folder, NORMAL, 10, visit_ids, 60)

        first = batches.hand_over(group("f1", ids[:1]), now)
        assert first is not None
        assert first.due_at == now + timedelta(seconds=60)
        second = batches.hand_over(group("f2", ids), now)
        assert second is not None
        assert Batch.objects.get(pk=second.pk).visits_count == 1
        assert batches.hand_over(group("f3", ids), now) is None
        assert batches.open_batches() == 2


def test_seen_links_are_those_of_a_run_and_the_last_one_keeps_the_place() -> None:
    seen = SeenLinks(capacity=4)
    assert 0 not in seen.of(0)
    seen.add(1, [8, -3])
    assert [number in seen.of(1) for number in (8, -3, 0, 12)] == [True, True, False, False]
    assert 8 not in seen.of(2)
    seen.add(1, [12])
    assert [number in seen.of(1) for number in (8, -3, 12)] == [False, True, True]
    seen.clear()
    assert -3 not in seen.of(1)


def test_the_database_keeps_one_state_with_an_outcome(now: datetime) -> None:
    take(some_run(), ["http://a.test/x"], now)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor():
        Visit.objects.update(state=Visit.State.DONE)
