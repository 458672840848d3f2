"""Runs: the list, and of one run its visits, its hosts and why pages were not stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from catalog.models import Host, Run, RunHost, Visit
from catalog.models.run import RunQuerySet
from crawler.outcomes import Outcome
from crawler.rules.keys import Keys
from crawler.rules.urls import BadUrl, resolve

WAITING = "waiting"  # visits without an outcome
LONG = ("policy_json", "roots", "out_of_scope_sample", "limits", "warnings")
"""Columns that fill most of a run's row, and that no list shows."""


def all_runs() -> RunQuerySet:
    """Runs with their seeds, those of deleted seeds left out."""
    return Run.objects.filter(seed__deleted_at=None).select_related("seed")


def list_runs(seed: int | None = None, state: str = "", kind: str = "") -> RunQuerySet:
    """The runs that a list shows: second looks only if it is one of a kind."""
    runs = all_runs().defer(*LONG)
    if seed:
        runs = runs.filter(seed=seed)
    if state:
        runs = runs.filter(state=state)
    return runs.filter(kind=kind) if kind else runs.without_second_looks()


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
    if outcome == WAITING:
        # pages are read afterwards: little of what waits has one, and all that waits is sorted
        return waiting_in(run.pk).prefetch_related("page")
    visits = Visit.objects.filter(run=run).select_related("page")
    return visits.filter(state=Visit.State.DONE, outcome=Outcome[outcome.upper()])


def waiting_in(run_id: int) -> QuerySet[Visit]:
    """A run's visits that wait.

    By a subquery, so that PostgreSQL goes by the index of what waits. If it knew the run, it would believe
    that many wait of one with many visits, and look for the first among all visits there are.
    """
    same = Run.objects.filter(pk=run_id).values("pk")[:1]
    return Visit.objects.filter(run=same, state__lt=Visit.State.FETCHED)


def visits_at(run: Run, url: str) -> QuerySet[Visit] | None:
    """A run's visits to a whole URL, however it is spelt: at most two, as a page and as a sitemap.

    None for a text that is no whole URL.
    """
    if not url.lower().startswith(("http://", "https://")):
        return None
    try:
        address = resolve(url)
    except BadUrl:
        return None
    keys = Keys.of(run.policy)
    prints = [keys.link(address).fingerprint, keys.sitemap(address).fingerprint]
    return Visit.objects.filter(run=run, fingerprint__in=prints).select_related("page")


def found_on(visits: Iterable[Visit]) -> dict[int, Visit]:
    """The visits on which these were found, by id: as far as they are kept."""
    parents = Visit.objects.filter(pk__in={visit.found_on for visit in visits if visit.found_on})
    return {parent.pk: parent for parent in parents.only("url", "page_id", "kind")}


def hosts_of(run: Run, limit: int = 3) -> list[Host]:
    """The hosts on which a run found most, one more than ``limit`` if there are."""
    rows = RunHost.objects.filter(run=run).order_by("-discovered", "pk")
    keys = list(rows.values_list("host", flat=True)[: limit + 1])  # by a join all hosts of the run are read
    hosts = Host.objects.only("origin").in_bulk(keys)
    return [hosts[key] for key in keys]
