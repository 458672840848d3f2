"""The list of seeds, each with its last runs; and of one, which versions of its pages are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from catalog.models import Chore, Run, Seed
from catalog.models.seed import SeedQuerySet
from djsite.desk.read.runs import LONG
from pipelines.prune.versions import chore_of


def list_seeds(
    text: str = "", state: str = "", tag: str = "", origin: str = Seed.Origin.SITE
) -> SeedQuerySet:
    """The seeds people see, of the site or of the crawl command; ``state`` is ``on``, ``off`` or empty."""
    seeds = Seed.objects.alive().filter(origin=origin)
    if text:
        seeds = seeds.filter(Q(name__icontains=text) | Q(start_urls__icontains=text))
    if state in ("on", "off"):
        seeds = seeds.filter(enabled=state == "on")
    if tag:
        seeds = seeds.filter(pk__in=tags_in_use().get(tag, []))
    return seeds


def tags_in_use() -> dict[str, list[int]]:
    """By tag, in order, the seeds that have it. Databases differ in how they look into JSON; few have any."""
    seeds: dict[str, list[int]] = {}
    for pk, tags in Seed.objects.alive().exclude(tags=[]).values_list("pk", "tags"):
        for tag in tags:
            seeds.setdefault(tag, []).append(pk)
    return dict(sorted(seeds.items(), key=lambda item: item[0].casefold()))


def last_runs(of: Sequence[Seed], count: int) -> dict[int, list[Run]]:
    """The newest ``count`` runs of each seed but second looks, newest first, in two queries."""
    runs_shown = Run.objects.without_second_looks().defer(*LONG)
    nth = runs_shown.filter(seed=OuterRef("pk")).order_by("-id").values("pk")[count - 1 : count]
    floors = Seed.objects.filter(pk__in=[seed.pk for seed in of]).values_list("pk", Subquery(nth))
    newest = Q()
    for seed_id, floor in floors:
        newest |= Q(seed=seed_id, pk__gte=floor or 0)
    runs: dict[int, list[Run]] = {seed.pk: [] for seed in of}
    if newest:
        for run in runs_shown.filter(newest).order_by("-id"):
            runs[run.seed_id].append(run)
    return runs


def has_one_offs() -> bool:
    """Whether the crawl command has made seeds."""
    return Seed.objects.alive().filter(origin=Seed.Origin.COMMAND).exists()


@dataclass(frozen=True)
class KeptVersions:
    """Which versions of its pages a seed keeps, in words; and what was there when this was done last."""

    rule: str
    looked_at: datetime | None = None
    versions: int = 0
    bytes: int = 0
    deleted: int = 0


def kept_versions(seed: Seed) -> KeptVersions:
    """What is known of the versions of a seed; nothing is counted now, as there may be millions."""
    if not (rule := _rule_words(seed)):
        return KeptVersions("All versions of its pages are kept.")
    chore = Chore.objects.filter(name=chore_of(seed.pk)).first()
    if chore is None or chore.done_at is None:
        return KeptVersions(rule)
    known = chore.result
    return KeptVersions(rule, chore.done_at, known["versions"], known["bytes"] or 0, known["deleted"])


def _rule_words(seed: Seed) -> str:
    count = "" if seed.keep_versions is None else f"the newest {seed.keep_versions:,} versions"
    age = "" if seed.keep_days is None else f"of the last {seed.keep_days:,} day{'s'[: seed.keep_days > 1]}"
    recent = " ".join(filter(None, [count or ("the versions" if age else ""), age]))
    daily = "each day's last" if seed.keep_daily else ""
    kept = ", and of older ones ".join(filter(None, [recent, daily]))
    return f"Of each page are kept: {kept}; always the first and the last two." if kept else ""
