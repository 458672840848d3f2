"""What a complete run did not find is gone. A run that was not complete says nothing about what it left out.

A run is complete if it found all that its seed covers: it ended by itself and got pages, no limit cut it off,
and every page that was there before answered or has moved. A page of which that cannot be said (an error, a
block, a first 404, a first redirect) may be the one that leads to others, so nothing is taken for gone then.
What has moved is gone from where it was: if its status says so for good, by any run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import Page, Run, Visit
from crawler.outcomes import Limit, Outcome
from crawler.outlinks import VisitKind
from crawler.rules.scope import ScopeRules
from pipelines.changes.moved import moved_pages
from pipelines.events.pages import page_gone
from pipelines.events.records import Seen
from pipelines.store.changes import Changes
from pipelines.store.records import fold

SLICE = 500  # pages that a transaction looks at
NOT_CUT_OFF = frozenset((Limit.DEPTH, Limit.URL_LENGTH, Limit.REPEATED_SEGMENTS))
"""Limits that say what a seed covers, as its scope does: they turn away the same pages in every run."""


def runs_to_compare() -> list[int]:
    """Runs that have finished, and were not looked at yet."""
    runs = Run.objects.filter(state=Run.State.FINISHED, compared=None)
    return list(runs.order_by("pk").values_list("pk", flat=True)[:100])


def compare_run(run_id: int, now: datetime) -> int:
    """Mark pages that have moved, or should have been found and were not, and what they held; how many pages.

    May be interrupted and begun again; a run is looked at once. Does nothing for a run that is not over.
    """
    run = Run.objects.filter(pk=run_id, state=Run.State.FINISHED, compared=None).first()
    if run is None:
        return 0
    moved = moved_pages(run)
    complete = is_complete(run) and not moved.in_doubt
    gone = _mark_moved(run, moved.pages if complete else moved.for_good, now)
    gone += _mark_unseen(run, now) if complete else 0
    Run.objects.filter(pk=run_id).update(compared=complete)
    return gone


def is_complete(run: Run) -> bool:
    """Whether a finished run has found all that its seed covers."""
    return (
        run.kind != Run.Kind.RECRAWL
        and not run.reason
        and run.started_at is not None
        and run.stored + run.unchanged > 0
        and NOT_CUT_OFF.issuperset(run.limits)
        and not _unanswered(run).exists()
    )


def _unanswered(run: Run) -> QuerySet[Visit]:
    """Visits of pages that were there before, and of sitemaps, that did not get what they asked for."""
    visits = Visit.objects.filter(run=run, state=Visit.State.DONE)
    lost = visits.filter(outcome__in=[Outcome.FAILED, Outcome.SKIPPED])
    known = Page.objects.filter(
        seed=run.seed_id, fingerprint=OuterRef("fingerprint"), gone_at=None, latest__isnull=False
    )
    pages = lost.filter(Exists(known))
    sitemaps = visits.filter(kind=VisitKind.SITEMAP, outcome=Outcome.FAILED)
    return pages if pages.exists() else sitemaps


def _mark_moved(run: Run, page_ids: Sequence[int], now: datetime) -> int:
    there = _there_before(run)
    parts = (page_ids[at : at + SLICE] for at in range(0, len(page_ids), SLICE))
    return sum(_mark(there.filter(pk__in=part), Seen(run.pk, now)) for part in parts)


def _mark_unseen(run: Run, now: datetime) -> int:
    scope = ScopeRules(run.policy, run.roots)
    visits = Visit.objects.filter(run=run, fingerprint=OuterRef("fingerprint"))
    unseen = _there_before(run).filter(~Exists(visits))
    gone = after = 0
    while part := list(unseen.filter(pk__gt=after).order_by("pk").values_list("pk", "url")[:SLICE]):
        covered = [pk for pk, url in part if scope.covers(url)]
        gone += _mark(unseen.filter(pk__in=covered), Seen(run.pk, now))
        after = part[-1][0]
    return gone


def _there_before(run: Run) -> QuerySet[Page]:
    """The seed's pages that nobody has found since the run began."""
    return Page.objects.filter(seed=run.seed_id, gone_at=None, last_fetched_at__lt=run.started_at)


@transaction.atomic
def _mark(pages: QuerySet[Page], seen: Seen) -> int:
    """Mark those of some pages that another run has not found meanwhile."""
    locked = pages.select_for_update(of=("self",)).order_by("seed", "fingerprint")
    gone = list(locked.only("pk", "seed_id", "latest_id"))
    if gone:
        changes = Changes(seen.at)
        ids = [page.pk for page in gone]
        Page.objects.filter(pk__in=ids).update(gone_at=seen.at, changed_in=changes.id)
        fold([], changes, dict.fromkeys(ids, seen))
        changes.tell(page_gone(page, seen) for page in gone)
        changes.write_events()
    return len(gone)
