"""First admission: the start URLs of many runs at once, in a few statements however many runs they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from crawler.records import VisitKind
from djsite.catalog.models import Run, Visit
from pipelines.frontier import hosts, rows
from pipelines.frontier.admit import admit, columns
from pipelines.frontier.candidates import Candidate
from pipelines.frontier.limits import MAX_SITEMAPS
from pipelines.frontier.seen import SEEN

Work = tuple[Run, Sequence[Candidate]]


def admit_first(work: Sequence[Work], now: datetime) -> dict[int, set[int]]:
    """Insert the first visits of runs that have none; returns the hosts with new work by run.

    To be called as :func:`pipelines.frontier.admit.admit`. Runs whose start URLs meet a limit are admitted
    by it, one by one.
    """
    found: dict[int, set[int]] = {}
    together: list[Work] = []
    for run, candidates in work:
        if _fits(run, candidates):
            together.append((run, candidates))
        else:
            admitted = admit(run, candidates, now)
            run.limits = admitted.limits
            found[run.pk] = admitted.host_ids
    return found | _admit_together(together, now)


def _fits(run: Run, candidates: Sequence[Candidate]) -> bool:
    most = run.policy.max_pages
    return len(candidates) <= min(MAX_SITEMAPS, MAX_SITEMAPS if most is None else most)


def _admit_together(work: Sequence[Work], now: datetime) -> dict[int, set[int]]:
    ids = hosts.host_ids({one.outlink.origin for _, candidates in work for one in candidates})
    counts: Counter[tuple[int, int]] = Counter()
    new_on: dict[int, set[int]] = defaultdict(set)
    for (kind, rank), group in _groups(work):
        run_ids = [run.pk for run, _ in group]
        shared = rows.SharedColumns(rank, Visit.State.QUEUED, kind, now)
        new = rows.insert_visits(columns(run_ids, [candidate for _, candidate in group], ids), shared)
        counts.update(new)
        new_on[rank].update(host_id for _, host_id in new)
    found: dict[int, set[int]] = defaultdict(set)
    for run_id, host_id in counts:
        found[run_id].add(host_id)
    for run, candidates in work:
        run.discovered = sum(counts[run.pk, host_id] for host_id in found[run.pk])
        _remember(run.pk, candidates)
    if counts:
        rows.count_on_hosts(counts)
        hosts.offer_all(new_on, now)
    return found


def _groups(work: Sequence[Work]) -> list[tuple[tuple[VisitKind, int], list[tuple[Run, Candidate]]]]:
    """What one statement each inserts: sitemaps first, all in the order of the unique key."""
    groups: dict[tuple[VisitKind, int], list[tuple[Run, Candidate]]] = defaultdict(list)
    for run, candidates in sorted(work, key=lambda item: item[0].pk):
        for candidate in sorted(candidates, key=lambda one: one.outlink.fingerprint):
            groups[VisitKind(candidate.outlink.kind), run.rank].append((run, candidate))
    return sorted(groups.items(), key=lambda item: (-item[0][0], item[0][1]))


def _remember(run_id: int, candidates: Sequence[Candidate]) -> None:
    prints = [candidate.outlink.fingerprint for candidate in candidates]
    transaction.on_commit(lambda: SEEN.add(run_id, prints))
