"""What admission takes and what it returns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.outlinks import Outlink, VisitKind


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
