"""Troubles: seeds that did not run when due, whose last runs got nothing, or read much less. Only reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery

from catalog.models import Run, Seed
from catalog.models.seed import SeedQuerySet
from pipelines.quality.falls import Fall, falls_of

MOST = 200  # seeds in a report; a longer one is of no more use
MISSED = "missed"
FAILING = "failing"
FELL = "fell"

_NOT_WELL = Run.GOT_NOTHING | Q(state=Run.State.MISSED)


@dataclass(frozen=True)
class Trouble:
    """A seed in trouble, with the run that shows it."""

    run: Run
    what: str  # MISSED: its latest slot was; FAILING: its last two runs got nothing, or its only one; FELL
    fall: Fall | None = None  # of FELL: what its last measured run read much less of than usual

    @property
    def seed(self) -> Seed:
        return self.run.seed


def troubles(limit: int = MOST) -> list[Trouble]:
    """Seeds in trouble, by name; each leaves the list with its next run that is well.

    Of seeds without a schedule only what fell is told: it waits for a person. Costs three queries, and two
    looks at the index of runs for each seed.
    """
    fell = [Trouble(fall.run, FELL, fall) for fall in falls_of(_of_people(), limit)]
    return sorted([*_not_well(limit), *fell], key=lambda trouble: trouble.seed.name)[:limit]


def _of_people() -> SeedQuerySet:
    """Seeds but those of the command line, whose person was told at the end of the crawl."""
    return Seed.objects.exclude(origin=Seed.Origin.COMMAND)


def _not_well(limit: int) -> list[Trouble]:
    seeds = Seed.objects.scheduled().annotate(last_run=_newest(seed=OuterRef("pk")))
    runs = Run.objects.filter(_NOT_WELL, pk__in=seeds.values("last_run"))
    troubled = list(runs.select_related("seed").order_by("seed__name")[:limit])
    well = _well_before([run for run in troubled if run.state != Run.State.MISSED])
    return [
        Trouble(run, MISSED if run.state == Run.State.MISSED else FAILING)
        for run in troubled
        if run.pk not in well
    ]


def _newest(**of: object) -> Subquery:
    return Subquery(Run.objects.ended().filter(**of).order_by("-pk").values("pk")[:1])


def _well_before(failed: list[Run]) -> set[int]:
    """Those of the failed runs whose seed's run before got something: one failure is no trouble yet."""
    before = _newest(seed=OuterRef("seed"), pk__lt=OuterRef("pk"))
    pairs = Run.objects.filter(pk__in=[run.pk for run in failed]).annotate(before=before)
    well = Run.objects.filter(pk__in=pairs.values("before")).exclude(_NOT_WELL)
    return set(pairs.filter(before__in=well.values("pk")).values_list("pk", flat=True))
