"""The dashboard: what runs, what is due, and what the runs of a day got."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Sum
from django.db.models.functions import Trunc

from catalog.models import Run, Seed


def live_runs(limit: int = 12) -> list[Run]:
    """Open runs, the most urgent first."""
    return list(
        Run.objects.open()
        .filter(seed__deleted_at=None)
        .select_related("seed")
        .order_by("rank", "-id")[:limit]
    )


def nothing_yet() -> bool:
    """Whether nobody has asked for anything: there is no seed, also none that was deleted."""
    return not Seed.objects.exists()


def due_next(limit: int = 8) -> list[Seed]:
    """Seeds by their next due time."""
    return list(Seed.objects.scheduled().exclude(next_slot=None).order_by("next_slot")[:limit])


KEPT_APART = ("stored", "unchanged", "failed")
Tallies = dict[datetime, dict[str, int]]


def tallies(since: datetime, unit: str) -> Tallies:
    """What the runs begun since then got, by the ``unit`` (hour, minute) of their beginning."""
    rows = (
        Run.objects.filter(created_at__gte=since)
        .without_second_looks()
        .annotate(begun=Trunc("created_at", unit))
        .values_list("begun")
        .annotate(*(Sum(name) for name in KEPT_APART), Count("pk"))
        .order_by("begun")
    )
    return {begun: dict(zip((*KEPT_APART, "runs"), counts, strict=True)) for begun, *counts in rows}
