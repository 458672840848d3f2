"""What admission takes and what it returns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.outlinks import Outlink, VisitKind


class Nearer(NamedTuple):
    """A visit that has ended, and to which a shorter way was found: what it leads to is nearer too."""

    visit_id: int
    depth: int
    snapshot_id: int | None
    location: str  # of a redirect


class Candidate(NamedTuple):
    """A discovered URL that is in scope, not yet accepted."""

    outlink: Outlink
    depth: int
    hops: int = 0  # redirects, or sitemap indexes, that led here
    found_on: int | None = None  # visit id

    @property
    def is_sitemap(self) -> bool:
        return self.outlink.kind == VisitKind.SITEMAP


@dataclass
class Admitted:
    """What an admission did: new visits, the hosts that got some, and what the run's limits turned away."""

    new: int = 0
    host_ids: set[int] = field(default_factory=set)
    limits: Counter[str] = field(default_factory=Counter)
    nearer: list[Nearer] = field(default_factory=list)

    def add(self, more: Admitted) -> None:
        """Add what a further admission of the same run did; ``nearer`` becomes that one's."""
        self.new += more.new
        self.host_ids |= more.host_ids
        self.limits += more.limits
        self.nearer = more.nearer
