"""The list of seeds, each with its last runs."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Q, Subquery

from catalog.models import Run, Seed
from catalog.models.seed import SeedQuerySet


def list_seeds(text: str = "", state: str = "") -> SeedQuerySet:
    """The seeds people see, those made by the crawl command too; ``state`` is ``on``, ``off`` or empty."""
    seeds = Seed.objects.alive()
    if text:
        seeds = seeds.filter(Q(name__icontains=text) | Q(start_urls__icontains=text))
    if state in ("on", "off"):
        seeds = seeds.filter(enabled=state == "on")
    return seeds


def last_runs(of: Sequence[Seed], count: int) -> dict[int, list[Run]]:
    """The newest ``count`` runs of each seed, newest first, in two queries however many seeds."""
    nth = Run.objects.filter(seed=OuterRef("pk")).order_by("-id").values("pk")[count - 1 : count]
    floors = Seed.objects.filter(pk__in=[seed.pk for seed in of]).values_list("pk", Subquery(nth))
    newest = Q()
    for seed_id, floor in floors:
        newest |= Q(seed=seed_id, pk__gte=floor or 0)
    runs: dict[int, list[Run]] = {seed.pk: [] for seed in of}
    if newest:
        for run in Run.objects.filter(newest).order_by("-id"):
            runs[run.seed_id].append(run)
    return runs
