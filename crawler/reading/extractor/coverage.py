"""Coverage: how much of what should be there was read, and whether that fell, by earlier runs alone.

A fall is a share far below the usual one that chance does not explain: pages vary, and a field that few
records have is missing on many. The bound on the chance is that of Chernoff (Hoeffding, 1963, theorem 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

RUNS = 20  # that are compared with
ENOUGH = 5  # of pages or records; of fewer, all have to be empty
FALL = 0.75  # of the usual share; what is above is no fall, however many pages there are
CHANCE = 1e-3  # that what was usual gives so little


class Count(NamedTuple):
    """How many have something, of those that should."""

    filled: int
    of: int

    @property
    def share(self) -> float:
        """0 to 1; of none it is 0."""
        return self.filled / self.of if self.of else 0.0


def has_fallen(now: Count, before: Sequence[Count]) -> bool:
    """Whether a run read significantly less than those before it, which come newest first."""
    known = [count for count in before[:RUNS] if count.of]
    if not known or not now.of:
        return False
    usual = _usual(known)
    if now.of < ENOUGH:
        return now.filled == 0 and usual >= 0.5 and min(count.share for count in known) > 0.9
    return now.share < FALL * usual and _chance(now, usual) < CHANCE


def usual_share(before: Sequence[Count]) -> float | None:
    """What is usual, 0 to 1, by earlier runs, which come newest first; None if none of them can tell."""
    shares = [count.share for count in before[:RUNS] if count.of]
    return median(shares) if shares else None


def _usual(known: Sequence[Count]) -> float:
    """The share that can be counted on: the median, less the spread, and never quite all or none."""
    middle = median(count.share for count in known)
    spread = median(abs(count.share - middle) for count in known)
    of = sum(count.of for count in known)
    return (max(middle - 2 * spread, 0.0) * of + 0.5) / (of + 1)


def _chance(now: Count, usual: float) -> float:
    """At most so likely is it to get so few, or fewer, where each has something with the usual chance."""
    share = now.share
    if share >= usual:
        return 1.0
    gain = share * math.log(share / usual) if share else 0.0
    loss = (1 - share) * math.log((1 - share) / (1 - usual))
    return math.exp(-now.of * (gain + loss))
