"""Admission: candidates become visits of a run, each URL once, and their hosts are told of the work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from crawler.records import Outlink
from djsite.catalog.models import Run, RunHost, Visit
from pipelines.frontier import hosts, rows
from pipelines.frontier.seen import SEEN


@dataclass(frozen=True)
class Candidate:
    """A discovered URL that is in scope, not yet accepted."""

    outlink: Outlink
    depth: int
    hops: int = 0  # redirects that led here
    found_on: int | None = None  # visit id


@dataclass
class Admitted:
    """What an admission did: new visits, the hosts that got some, and what the run's limits turned away."""

    new: int = 0
    host_ids: set[int] = field(default_factory=set)
    limits: dict[str, int] = field(default_factory=dict)


def admit(run: Run, candidates: Iterable[Candidate], now: datetime) -> Admitted:
    """Insert visits for the candidates that the run has not seen, due now.

    Must be called in a transaction that holds the lock on the run's row: the page limit is exact and
    ``run.discovered`` is raised on the object (the caller saves it). A URL already admitted is ignored by
    the table's unique key on (run, fingerprint); the cache of seen links only saves asking.
    """
    admitted = Admitted()
    policy = run.policy
    fresh = _one_per_url(run.pk, candidates)
    if policy.max_depth is not None:
        fresh = _within_depth(fresh, policy.max_depth, admitted)
    if policy.max_pages is not None:
        fresh = _within_budget(run, fresh, policy.max_pages, admitted)
    if fresh:
        _insert(run, fresh, now, admitted)
    run.discovered += admitted.new
    return admitted


def _one_per_url(run_id: int, candidates: Iterable[Candidate]) -> list[Candidate]:
    seen = SEEN.of(run_id)
    fresh: dict[int, Candidate] = {}
    for candidate in candidates:
        fingerprint = candidate.outlink.fingerprint
        if fingerprint not in seen:
            fresh.setdefault(fingerprint, candidate)
    return list(fresh.values())


def _within_depth(candidates: list[Candidate], limit: int, admitted: Admitted) -> list[Candidate]:
    kept = [candidate for candidate in candidates if candidate.depth <= limit]
    if len(kept) < len(candidates):
        admitted.limits["max_depth"] = len(candidates) - len(kept)
    return kept


def _within_budget(run: Run, candidates: list[Candidate], limit: int, admitted: Admitted) -> list[Candidate]:
    """Those that fit the page limit: pages stored, unchanged or still open count, dead ends do not."""
    budget = max(0, limit - (run.discovered - run.redirected - run.failed - run.skipped))
    if len(candidates) <= budget:
        return candidates
    prints = [candidate.outlink.fingerprint for candidate in candidates]
    known = set(Visit.objects.filter(run=run, fingerprint__in=prints).values_list("fingerprint", flat=True))
    unknown = [candidate for candidate in candidates if candidate.outlink.fingerprint not in known]
    if len(unknown) > budget:
        admitted.limits["max_pages"] = len(unknown) - budget
    return unknown[:budget]


def _insert(run: Run, candidates: Sequence[Candidate], now: datetime, admitted: Admitted) -> None:
    """Insert in the order of the unique key, so that concurrent admissions wait instead of deadlocking."""
    ordered = sorted(candidates, key=lambda candidate: candidate.outlink.fingerprint)
    ids = hosts.host_ids({candidate.outlink.origin for candidate in ordered})
    state = Visit.State.HELD if run.state == Run.State.PAUSED else Visit.State.QUEUED
    new_on = rows.insert_visits(
        rows.VisitColumns(
            fingerprint=[candidate.outlink.fingerprint for candidate in ordered],
            host_id=[ids[candidate.outlink.origin] for candidate in ordered],
            url=[candidate.outlink.url for candidate in ordered],
            found_on=[candidate.found_on for candidate in ordered],
            depth=[candidate.depth for candidate in ordered],
            hops=[candidate.hops for candidate in ordered],
        ),
        run_id=run.pk,
        rank=run.rank,
        state=state,
        due_at=now,
    )
    admitted.new = len(new_on)
    admitted.host_ids = set(new_on)
    _remember(run.pk, ordered)
    if admitted.host_ids:
        _join_hosts(run.pk, admitted.host_ids)
        if state == Visit.State.QUEUED:
            hosts.offer(admitted.host_ids, run.rank, now)


def _remember(run_id: int, candidates: Sequence[Candidate]) -> None:
    """Cache the links as seen, once they are really in the table."""
    prints = [candidate.outlink.fingerprint for candidate in candidates]
    transaction.on_commit(lambda: SEEN.add(run_id, prints))


def _join_hosts(run_id: int, host_ids: set[int]) -> None:
    RunHost.objects.bulk_create(
        [RunHost(run_id=run_id, host_id=host_id) for host_id in sorted(host_ids)], ignore_conflicts=True
    )
