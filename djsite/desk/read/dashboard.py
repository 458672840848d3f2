"""The dashboard: what runs, what is due, what went wrong, and what the runs of a day got."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Trunc

from catalog.models import Run, Seed, Visit
from crawler.outcomes import Outcome

RECENT_RUNS = 200  # how far back the dashboard looks for trouble
MUCH, SHARE = 10, 10  # failures need a look from this number on, if they are one visit in SHARE
FEW_FAILURES = 1000  # failures that are searched for a start URL, at most


def live_runs(limit: int = 12) -> list[Run]:
    """Open runs, the most urgent first."""
    return list(
        Run.objects.open()
        .filter(seed__deleted_at=None)
        .select_related("seed")
        .order_by("rank", "-id")[:limit]
    )


def due_next(limit: int = 8) -> list[Seed]:
    """Seeds by their next due time."""
    return list(Seed.objects.scheduled().exclude(next_slot=None).order_by("next_slot")[:limit])


@dataclass(frozen=True)
class TroubledRun:
    """A run that went wrong, and its commonest reasons."""

    run: Run
    reasons: list[tuple[str | None, int]] = field(default_factory=list)


def recent_trouble(limit: int = 8) -> list[TroubledRun]:
    """Of the latest runs those that need a look (docs/site.md), newest first: each the last of its seed."""
    latest = Run.objects.order_by("-id").values("pk")[:RECENT_RUNS]
    later = Run.objects.ended().filter(seed=OuterRef("seed"), pk__gt=OuterRef("pk"))
    runs = Run.objects.ended().filter(~Exists(later), _needs_a_look(), pk__in=latest, seed__deleted_at=None)
    troubled = list(runs.select_related("seed").order_by("-id")[:limit])
    reasons = _failures_of(troubled)
    return [TroubledRun(run, reasons[run.pk][:2]) for run in troubled]


def _needs_a_look() -> Q:
    """Runs that were missed, got nothing, had many failures, or failed at a URL that people wrote (depth 0).

    A few pages that are gone need no look: links break all the time.
    """
    written = Visit.objects.filter(
        run=OuterRef("pk"), state=Visit.State.DONE, outcome=Outcome.FAILED, depth=0
    )
    many_failed = Q(failed__gte=MUCH, discovered__lte=F("failed") * SHARE)
    # only few failures are searched: among many, a failed start URL is no news
    start_url_failed = Q(Exists(written), failed__gt=0, failed__lt=FEW_FAILURES)
    return Q(state=Run.State.MISSED) | Run.GOT_NOTHING | many_failed | start_url_failed


def _failures_of(runs: Sequence[Run]) -> dict[int, list[tuple[str | None, int]]]:
    rows = (
        Visit.objects.filter(run__in=[run.pk for run in runs], state=Visit.State.DONE, outcome=Outcome.FAILED)
        .values_list("run_id", "reason")
        .annotate(count=Count("pk"))
        .order_by("-count")
    )
    reasons: dict[int, list[tuple[str | None, int]]] = defaultdict(list)
    for run_id, reason, count in rows:
        reasons[run_id].append((reason, count))
    return reasons


KEPT_APART = ("stored", "unchanged", "failed")
Tallies = dict[datetime, dict[str, int]]


def tallies(since: datetime, unit: str) -> Tallies:
    """What the runs begun since then got, by the ``unit`` (hour, minute) of their beginning."""
    rows = (
        Run.objects.filter(created_at__gte=since)
        .annotate(begun=Trunc("created_at", unit))
        .values_list("begun")
        .annotate(*(Sum(name) for name in KEPT_APART), Count("pk"))
        .order_by("begun")
    )
    return {begun: dict(zip((*KEPT_APART, "runs"), counts, strict=True)) for begun, *counts in rows}
