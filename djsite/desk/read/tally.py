"""Counts that stop: "10 000+" is as good as the truth and a thousand times cheaper."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

MANY = 10_000  # counts stop here


@dataclass(frozen=True)
class Tally:
    """A count that stops at :data:`MANY`, or at the ``limit`` given."""

    count: int
    limit: int = MANY

    def __str__(self) -> str:
        shown = f"{min(self.count, self.limit):,}".replace(",", "\u202f")
        return shown if self.count <= self.limit else shown + "+"


def tally(queryset: QuerySet) -> Tally:  # type: ignore[type-arg]
    """Count the rows of ``queryset``, at most :data:`MANY` and one more."""
    return Tally(queryset.order_by()[: MANY + 1].count())
