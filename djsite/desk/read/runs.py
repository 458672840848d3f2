"""Runs: the list, and of one run its visits, its hosts and why pages were not stored."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from catalog.models import Host, Run, RunHost, Visit
from crawler.outcomes import Outcome

WAITING = "waiting"  # visits without an outcome


def list_runs(seed: int | None = None, state: str = "", kind: str = "") -> QuerySet[Run]:
    """Runs with their seeds, those of deleted seeds left out."""
    runs = Run.objects.filter(seed__deleted_at=None).select_related("seed")
    if seed:
        runs = runs.filter(seed=seed)
    if state:
        runs = runs.filter(state=state)
    if kind:
        runs = runs.filter(kind=kind)
    return runs


@dataclass(frozen=True)
class ReasonRow:
    """How many visits of a run ended for a reason."""

    outcome: Outcome
    reason: str
    count: int


def reasons_of(run: Run) -> list[ReasonRow]:
    """Why visits of ``run`` were not stored, the commonest first."""
    rows = (
        Visit.objects.filter(run=run, state=Visit.State.DONE, outcome__in=[Outcome.FAILED, Outcome.SKIPPED])
        .values_list("outcome", "reason")
        .annotate(count=Count("pk"))
        .order_by("-count", "reason")
    )
    return [ReasonRow(Outcome(outcome or 0), reason or "", count) for outcome, reason, count in rows]


def visits_of(run: Run, outcome: str) -> QuerySet[Visit]:
    """A run's visits that ended so, or are :data:`WAITING`; each on an index that begins with the run."""
    visits = Visit.objects.filter(run=run).select_related("page")
    if outcome == WAITING:
        return visits.filter(state__lt=Visit.State.FETCHED)
    return visits.filter(state=Visit.State.DONE, outcome=Outcome[outcome.upper()])


def hosts_of(run: Run, limit: int = 3) -> list[Host]:
    """The hosts on which a run found most, one more than ``limit`` if there are."""
    rows = RunHost.objects.filter(run=run).order_by("-discovered", "pk")
    return [row.host for row in rows.select_related("host").only("host__origin")[: limit + 1]]
