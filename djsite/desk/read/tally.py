"""Counts that stop at a bound: "10 000+" tells people enough, and costs a thousandth of a full count."""

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
        text = f"{min(self.count, self.limit):,}".replace(",", "\u202f")
        return text if self.count <= self.limit else text + "+"


def tally(queryset: QuerySet) -> Tally:  # type: ignore[type-arg]
    """Count the rows of ``queryset``, at most :data:`MANY` and one more."""
    return Tally(queryset.order_by()[: MANY + 1].count())
