"""Holds: what is not handed out while a promise about it is broken, unless somebody wants it all the same."""

from __future__ import annotations

from catalog.models import Run, Seed
from pipelines.promises import Hold, holds_of

__all__ = ["Hold", "holds_on"]


def holds_on(seed: Seed | None, run: Run | None) -> list[Hold]:
    """What holds an export of a run, of a seed, or of all seeds."""
    return holds_of(run.seed_id if run is not None else seed.pk if seed is not None else None)
