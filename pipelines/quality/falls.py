"""Falls as people and monitors are told of them: seeds whose last measured run read much less than usual."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from catalog.models import Coverage, Run
from catalog.models.seed import Seed, SeedQuerySet

WHOLE = ""  # the name under which a collection as a whole is noted as fallen


@dataclass(frozen=True)
class Fall:
    """What fell in the last run of a seed that was measured, by collection."""

    run: Run
    rows: list[Coverage]

    @property
    def seed(self) -> Seed:
        return self.run.seed

    @property
    def since(self) -> datetime:
        """The end of the first run in which any of it had fallen."""
        return min(map(fallen_since, self.rows))

    @property
    def sentence(self) -> str:
        return " ".join(map(sentence_of, self.rows))


def falls_of(seeds: SeedQuerySet, limit: int) -> list[Fall]:
    """The falls of these seeds that nobody has accepted, by their names. One query."""
    measured = Run.objects.filter(seed=OuterRef("pk"), state=Run.State.FINISHED).exclude(compared=None)
    last = measured.exclude(kind=Run.Kind.RECRAWL).order_by("-pk").values("pk")[:1]
    runs = seeds.alive().filter(enabled=True).values(last=Subquery(last))
    rows = Coverage.objects.filter(run__in=runs).exclude(fallen={}).select_related("run__seed")
    by_run: dict[int, list[Coverage]] = defaultdict(list)
    for row in rows.order_by("run__seed__name", "run", "pk")[:limit]:
        if row.falls:
            by_run[row.run_id].append(row)
    return [Fall(group[0].run, group) for group in by_run.values()]


def sentence_of(row: Coverage) -> str:
    """What fell in a collection, in one sentence."""
    if WHOLE in row.falls:
        return f"{row.collection}: read on {row.holding} of {row.pages} pages that had records."
    counts = (f"{name} ({row.fields[name][0]} of {row.records})" for name in row.falls if name in row.fields)
    return f"{row.collection}: few values of {', '.join(counts)}."


def fallen_since(row: Coverage) -> datetime:
    """The end of the first run in which something had fallen that still is."""
    return min(datetime.fromisoformat(fall["since"]) for fall in row.falls.values())
