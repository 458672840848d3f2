"""Admission: candidates become visits of their runs, each URL once, and their hosts are told of the work.

Several runs are admitted together, with as many statements for a hundred as for one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from catalog.models import Page, Run, Visit
from catalog.sql import frontier
from crawler.outlinks import VisitKind
from crawler.rules.patterns import Patterns
from pipelines.frontier import hosts
from pipelines.frontier.candidates import Admitted, Candidate, Nearer
from pipelines.frontier.limits import pages_within, sitemaps_within
from pipelines.frontier.seen import SEEN

__all__ = ["Admitted", "Candidate", "admit", "admit_all"]


def admit(run: Run, candidates: Sequence[Candidate], now: datetime) -> Admitted:
    """:func:`admit_all` for one run."""
    return admit_all([(run, candidates)], now)[run.pk]


def admit_all(work: Iterable[tuple[Run, Sequence[Candidate]]], now: datetime) -> dict[int, Admitted]:
    """Insert visits for the candidates that their runs have not seen, due now; returns the result by run id.

    Must be called in a transaction that holds the locks on the runs' rows: the limits are exact and
    ``run.discovered`` is raised on the objects (the caller saves them). A URL already admitted is ignored
    by the table's unique key on (run, fingerprint); the cache of seen links only saves statements. Sitemaps
    are due since the run was opened: before the pages, which they may list.
    """
    admissions = [_Admission(run, candidates) for run, candidates in work]
    offers: dict[hosts.Offer, set[int]] = defaultdict(set)
    _insert([(admission, admission.sitemaps()) for admission in admissions], VisitKind.SITEMAP, now, offers)
    pages = [(admission, admission.pages()) for admission in admissions]
    _insert(pages, VisitKind.PAGE, now, offers)
    _bring_nearer([(admission, of_run) for admission, of_run in pages if admission.bounded])
    hosts.offer(offers)
    for admission in admissions:
        _keep_lastmod(admission.run, admission.candidates)
    return {admission.run.pk: admission.admitted for admission in admissions}


class _Admission:
    """The candidates of one run, and what is admitted of them."""

    def __init__(self, run: Run, candidates: Sequence[Candidate]) -> None:
        self.run = run
        self.candidates = candidates
        self.admitted = Admitted()
        self.bounded = run.policy_json.get("max_depth") is not None  # else no depth decides on anything
        self._fresh = _one_per_url(run.pk, _not_left_out(run, candidates), bounded=self.bounded)

    def sitemaps(self) -> list[Candidate]:
        """The sitemaps within the run's limits."""
        sitemaps = [candidate for candidate in self._fresh if candidate.is_sitemap]
        return sitemaps_within(self.run, sitemaps, self.admitted.limits)

    def pages(self) -> list[Candidate]:
        """The pages within the run's limits, once its sitemaps are counted."""
        pages = [candidate for candidate in self._fresh if not candidate.is_sitemap]
        return pages_within(self.run, self.run.policy, pages, self.admitted.limits) if pages else []

    def shared(self, kind: VisitKind, now: datetime) -> frontier.SharedColumns:
        """The columns that its visits have in common."""
        held = self.run.state in {Run.State.DUE, Run.State.PAUSED}
        state = Visit.State.HELD if held else Visit.State.QUEUED
        due_at = now if kind == VisitKind.PAGE else min(self.run.started_at or now, now)
        return frontier.SharedColumns(self.run.rank, state, kind, due_at)

    def count(self, host_id: int, new: int) -> None:
        """Count new visits on a host."""
        self.admitted.new += new
        self.admitted.host_ids.add(host_id)
        self.run.discovered += new


def _not_left_out(run: Run, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Without links that were read before somebody left their part of the site out (a rare thing)."""
    if not run.left_out:
        return candidates
    matches = Patterns([entry["pattern"] for entry in run.left_out]).match
    return [candidate for candidate in candidates if not matches(candidate.outlink.url)]


def _one_per_url(run_id: int, candidates: Sequence[Candidate], *, bounded: bool) -> list[Candidate]:
    """The nearest candidate for each URL that is not remembered."""
    fresh: dict[int, Candidate] = {}
    for depth, of_depth in _by_depth(candidates, bounded=bounded):
        seen = SEEN.of(run_id, depth)
        for candidate in of_depth:
            if candidate.outlink.fingerprint not in seen:
                fresh.setdefault(candidate.outlink.fingerprint, candidate)
    return list(fresh.values())


def _by_depth(candidates: Sequence[Candidate], *, bounded: bool) -> list[tuple[int, Sequence[Candidate]]]:
    """Candidates by depth, the nearest first; of a run without a limit all together."""
    if not bounded:
        return [(0, candidates)]
    of_depth: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        of_depth[candidate.depth].append(candidate)
    return sorted(of_depth.items())


def _bring_nearer(accepted: Sequence[tuple[_Admission, list[Candidate]]]) -> None:
    """Lower the depths of visits that the runs had already, and note those that have ended."""
    nearer = [
        (admission.run.pk, candidate.outlink.fingerprint, candidate.depth)
        for admission, candidates in accepted
        for candidate in candidates
    ]
    by_run = {admission.run.pk: admission.admitted for admission, _ in accepted}
    for run_id, *values in frontier.set_nearer(nearer):
        by_run[run_id].nearer.append(Nearer(*values))


def _insert(
    accepted: Sequence[tuple[_Admission, list[Candidate]]],
    kind: VisitKind,
    now: datetime,
    offers: dict[hosts.Offer, set[int]],
) -> None:
    """Insert visits, one statement for all with the same shared columns.

    Start URLs are inserted, and so visited, in the order in which people wrote them; links in that of the
    unique key.

    Adds the hosts of queued visits to ``offers``: hosts are not told of held visits.
    """
    ids = hosts.host_ids({candidate.outlink.origin for _, candidates in accepted for candidate in candidates})
    groups: dict[frontier.SharedColumns, list[tuple[int, Candidate]]] = defaultdict(list)
    for admission, candidates in sorted(accepted, key=lambda item: item[0].run.pk):
        ordered = sorted(candidates, key=_place)
        if ordered:
            groups[admission.shared(kind, now)] += [(admission.run.pk, candidate) for candidate in ordered]
            _remember(admission, ordered)
    new: Counter[tuple[int, int]] = Counter()
    for shared, visits in groups.items():
        inserted = frontier.insert_visits(_columns(visits, ids), shared)
        if shared.state == Visit.State.QUEUED:
            offers[shared.rank, shared.due_at].update(host_id for _, host_id in inserted)
        new.update(inserted)
    if new:
        frontier.count_on_hosts(new)
        by_run = {admission.run.pk: admission for admission, _ in accepted}
        for (run_id, host_id), count in new.items():
            by_run[run_id].count(host_id, count)


def _place(candidate: Candidate) -> tuple[bool, int]:
    """Where a candidate stands among others; a stable sort leaves start URLs as they are."""
    is_link = candidate.depth > 0
    return is_link, candidate.outlink.fingerprint if is_link else 0


def _columns(visits: Sequence[tuple[int, Candidate]], host_ids: Mapping[str, int]) -> frontier.VisitColumns:
    """Candidates, each with its run's id, as an insert takes them; ``host_ids`` by origin."""
    return frontier.VisitColumns(
        run_id=[run_id for run_id, _ in visits],
        fingerprint=[candidate.outlink.fingerprint for _, candidate in visits],
        host_id=[host_ids[candidate.outlink.origin] for _, candidate in visits],
        url=[candidate.outlink.url for _, candidate in visits],
        found_on=[candidate.found_on for _, candidate in visits],
        depth=[candidate.depth for _, candidate in visits],
        hops=[candidate.hops for _, candidate in visits],
        lastmod=[candidate.outlink.lastmod for _, candidate in visits],
    )


def _remember(admission: _Admission, candidates: Sequence[Candidate]) -> None:
    """Cache the links as seen, once they are committed to the table."""
    run_id = admission.run.pk
    seen = [
        (depth, [candidate.outlink.fingerprint for candidate in of_depth])
        for depth, of_depth in _by_depth(candidates, bounded=admission.bounded)
    ]

    def remember() -> None:
        for depth, fingerprints in seen:
            SEEN.add(run_id, fingerprints, depth)

    transaction.on_commit(remember)


def _keep_lastmod(run: Run, candidates: Sequence[Candidate]) -> None:
    """Keep a sitemap's dates also for URLs that were found on a page before, and for their pages."""
    listed = {
        candidate.outlink.fingerprint: candidate.outlink.lastmod
        for candidate in candidates
        if candidate.outlink.lastmod is not None
    }
    dates = frontier.set_lastmod(run.pk, listed) if listed else {}
    if dates:
        locked = Page.objects.select_for_update().filter(pk__in=dates).order_by("seed", "fingerprint")
        ordered = [(dates[pk], pk) for pk in locked.values_list("pk", flat=True)]
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE catalog_page SET lastmod = %s WHERE id = %s", ordered)
