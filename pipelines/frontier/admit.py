"""Admission: candidates become visits of a run, each URL once, and their hosts are told of the work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from crawler.records import VisitKind
from djsite.catalog.models import Page, Run, Visit
from pipelines.frontier import hosts, rows
from pipelines.frontier.candidates import Admitted, Candidate
from pipelines.frontier.limits import pages_within, sitemaps_within
from pipelines.frontier.seen import SEEN

__all__ = ["Admitted", "Candidate", "admit"]


def admit(run: Run, candidates: Iterable[Candidate], now: datetime) -> Admitted:
    """Insert visits for the candidates that the run has not seen, due now.

    Must be called in a transaction that holds the lock on the run's row: the limits are exact and
    ``run.discovered`` is raised on the object (the caller saves it). A URL already admitted is ignored by
    the table's unique key on (run, fingerprint); the cache of seen links only saves asking. Sitemaps are
    due since the run began: before the pages, which may be theirs.
    """
    admitted = Admitted()
    candidates = list(candidates)
    fresh = _one_per_url(run.pk, candidates)
    sitemaps = sitemaps_within(run, [one for one in fresh if one.is_sitemap], admitted.limits)
    _insert(run, sitemaps, min(run.started_at or now, now), admitted)
    run.discovered += admitted.new
    pages = pages_within(run, run.policy, [one for one in fresh if not one.is_sitemap], admitted.limits)
    before = admitted.new
    _insert(run, pages, now, admitted)
    run.discovered += admitted.new - before
    _note_lastmod(run, candidates)
    return admitted


def _one_per_url(run_id: int, candidates: Sequence[Candidate]) -> list[Candidate]:
    seen = SEEN.of(run_id)
    fresh: dict[int, Candidate] = {}
    for candidate in candidates:
        fingerprint = candidate.outlink.fingerprint
        if fingerprint not in seen:
            fresh.setdefault(fingerprint, candidate)
    return list(fresh.values())


def _insert(run: Run, candidates: Sequence[Candidate], due_at: datetime, admitted: Admitted) -> None:
    """Insert in the order of the unique key, so that concurrent admissions wait instead of deadlocking."""
    if not candidates:
        return
    ordered = sorted(candidates, key=lambda candidate: candidate.outlink.fingerprint)
    ids = hosts.host_ids({candidate.outlink.origin for candidate in ordered})
    held = run.state in {Run.State.DUE, Run.State.PAUSED}
    state = Visit.State.HELD if held else Visit.State.QUEUED
    shared = rows.SharedColumns(run.rank, state, VisitKind(ordered[0].outlink.kind), due_at)
    new = rows.insert_visits(columns([run.pk] * len(ordered), ordered, ids), shared)
    new_on = {host_id for _, host_id in new}
    admitted.new += len(new)
    admitted.host_ids |= new_on
    _remember(run.pk, ordered)
    if new:
        rows.count_on_hosts(Counter(new))
        if state == Visit.State.QUEUED:
            hosts.offer(new_on, run.rank, due_at)


def columns(
    run_ids: Sequence[int], candidates: Sequence[Candidate], host_ids: Mapping[str, int]
) -> rows.VisitColumns:
    """Candidates, each with its run, as an insert takes them; ``host_ids`` by origin."""
    return rows.VisitColumns(
        run_id=run_ids,
        fingerprint=[candidate.outlink.fingerprint for candidate in candidates],
        host_id=[host_ids[candidate.outlink.origin] for candidate in candidates],
        url=[candidate.outlink.url for candidate in candidates],
        found_on=[candidate.found_on for candidate in candidates],
        depth=[candidate.depth for candidate in candidates],
        hops=[candidate.hops for candidate in candidates],
        lastmod=[candidate.outlink.lastmod for candidate in candidates],
    )


def _remember(run_id: int, candidates: Sequence[Candidate]) -> None:
    """Cache the links as seen, once they are really in the table."""
    prints = [candidate.outlink.fingerprint for candidate in candidates]
    transaction.on_commit(lambda: SEEN.add(run_id, prints))


def _note_lastmod(run: Run, candidates: Sequence[Candidate]) -> None:
    """Keep a sitemap's dates also for URLs that were found on a page before, and for their pages."""
    said = {
        candidate.outlink.fingerprint: candidate.outlink.lastmod
        for candidate in candidates
        if candidate.outlink.lastmod is not None
    }
    dates = rows.set_lastmod(run.pk, said) if said else {}
    if dates:
        locked = Page.objects.select_for_update().filter(pk__in=dates).order_by("seed", "fingerprint")
        ordered = [(dates[pk], pk) for pk in locked.values_list("pk", flat=True)]
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE catalog_page SET lastmod = %s WHERE id = %s", ordered)
