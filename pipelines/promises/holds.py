"""Holds: while a promise is broken, the data of its seed are not handed out by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.models import Promise


@dataclass(frozen=True)
class Hold:
    """Why the data of a seed are held."""

    seed_id: int
    seed: str  # its name
    since: datetime
    reasons: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """For people, with the time in UTC."""
        return f"{self.seed} is held since {self.since:%Y-%m-%d %H:%M} UTC: {' '.join(self.reasons)}"


def holds_of(seed_id: int | None) -> list[Hold]:
    """The holds on a seed, or on any seed that is not deleted."""
    broken = Promise.objects.filter(enabled=True, hold_exports=True, broken_since__isnull=False)
    rows = broken.filter(seed__deleted_at=None).select_related("seed").order_by("broken_since", "pk")
    if seed_id is not None:
        rows = rows.filter(seed=seed_id)
    return [
        Hold(row.seed_id, row.seed.name, row.broken_since, tuple(row.reasons))
        for row in rows
        if row.broken_since is not None
    ]
