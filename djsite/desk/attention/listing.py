"""The seeds that a person should see to: of each what is wrong, since when, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from catalog.models import Event, Run, Seed, Visit
from crawler.outcomes import Outcome
from pipelines.quality.falls import Fall
from scheduler.checks.findings import CheckOptions
from scheduler.watch.troubles import FAILING, MISSED, Trouble

SETBACK = "setback"
SHOWN = 8
_BEGINNINGS = {FAILING: Event.Kind.RUN_FAILED, MISSED: Event.Kind.SLOT_MISSED}


@dataclass(frozen=True)
class Entry:
    """A seed in trouble, or worth a look."""

    run: Run
    what: str  # of scheduler.watch.troubles, or SETBACK
    since: datetime
    reasons: Sequence[tuple[str | None, int]]  # the commonest reasons of failures, with their numbers
    fall: Fall | None = None

    @property
    def seed(self) -> Seed:
        return self.run.seed

    @property
    def is_problem(self) -> bool:
        """Whether monitors are told, too."""
        return self.what != SETBACK


@dataclass(frozen=True)
class Attention:
    """Those shown, how many more there are, and the seeds that are muted, each with the end of that."""

    entries: list[Entry]
    more: int
    muted: list[tuple[Seed, datetime]]


def attention(options: CheckOptions, limit: int = SHOWN) -> Attention:
    """The seeds of the checks' findings, those in trouble first."""
    rows = [*options.troubles, *(Trouble(run, SETBACK) for run in options.setbacks)]
    shown = rows[:limit]
    reasons, begun = _failures_of([row.run for row in shown]), _beginnings(shown)
    entries = [
        Entry(row.run, row.what, _since(row, begun), reasons[row.run.pk][:2], row.fall) for row in shown
    ]
    seeds = Seed.objects.alive().filter(pk__in=options.muted).order_by("name") if options.muted else ()
    return Attention(entries, len(rows) - len(shown), [(seed, options.muted[seed.pk]) for seed in seeds])


def _since(trouble: Trouble, begun: dict[tuple[int, int], datetime]) -> datetime:
    if trouble.fall is not None:
        return trouble.fall.since
    kind = _BEGINNINGS.get(trouble.what)
    return begun.get((trouble.seed.pk, kind), trouble.run.slot) if kind else trouble.run.slot


def _beginnings(of: Iterable[Trouble]) -> dict[tuple[int, int], datetime]:
    """When the latest outage of each kind began, by seed and kind: one event tells it."""
    seeds = [trouble.seed.pk for trouble in of if trouble.what in _BEGINNINGS]
    events = Event.objects.filter(seed__in=seeds, kind__in=_BEGINNINGS.values())
    rows = events.order_by().values_list("seed", "kind").annotate(Max("at"))
    return {(seed, kind): at for seed, kind, at in rows}


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
