"""How many different things there are, from samples that each show some of them.

Sources: A. Chao, "Estimating the population size for capture-recapture data with unequal catchability",
Biometrics 43 (1987), for the number that was never seen; R. K. Colwell et al., "Models and estimators linking
individual-based and sample-based rarefaction, extrapolation and comparison of assemblages", J. Plant Ecology
5 (2012), for what further samples would show.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from statistics import fmean, pstdev
from typing import NamedTuple


class Estimate(NamedTuple):
    """A number, and its relative standard error."""

    number: float
    error: float = 0.0

    @property
    def range(self) -> tuple[float, float]:
        """Two standard errors to each side, by factors: a count is never below 0."""
        factor = math.exp(2 * min(self.error, 1.5))
        return self.number / factor, self.number * factor


class Samples:
    """What some samples showed: each is a set of things."""

    def __init__(self, samples: Iterable[Collection[Hashable]]) -> None:
        sets = [frozenset(each) for each in samples]
        self.count = len(sets)
        self.times = Counter(thing for each in sets for thing in each)
        frequencies = Counter(self.times.values())
        self.once, self.twice = frequencies[1], frequencies[2]
        own = [sum(self.times[thing] == 1 for thing in each) for each in sets]
        self._spread = pstdev(own) / fmean(own) if self.once else 0.0

    @property
    def links_each(self) -> float:
        """How many things a sample shows, on average."""
        return self.times.total() / self.count if self.count else 0.0

    @property
    def seen(self) -> int:
        """Different things that were seen."""
        return len(self.times)

    @property
    def unseen(self) -> float:
        """Things that no sample showed, at least (Chao's estimator, corrected for few samples)."""
        if self.count < 2:
            return self.once * (self.once - 1) / 2
        factor = (self.count - 1) / self.count
        if self.twice:
            return factor * self.once**2 / (2 * self.twice)
        return factor * self.once * (self.once - 1) / 2

    def total(self) -> Estimate:
        """All things, if each sample shows any of them."""
        number = self.seen + self.unseen
        share = self.unseen / number if number else 0.0
        return Estimate(number, share / math.sqrt(self.twice + 0.5))

    def after(self, samples: float, *, apart: bool = False) -> Estimate:
        """Different things that so many samples would have shown.

        ``apart``: where no thing was shown twice, as on the parts of one list, each sample shows as many new
        ones. Else that nothing was shown twice may be chance.
        """
        more = max(0.0, samples - self.count)
        if not more or not self.once:
            return Estimate(self.seen)
        if self.unseen and not (apart and not self.twice):
            miss = 1 - self.once / (self.count * self.unseen + self.once)
            new = self.unseen * (1 - miss**more)
        else:
            new = more * self.once / self.count
        number = self.seen + new
        spread = max(self._spread, 0.05)
        return Estimate(number, new / number * spread / math.sqrt(self.count))


def together(first: Estimate, second: Estimate) -> Estimate:
    """Two estimates of one number as one: the mean of their logarithms, by their errors."""
    if min(first.number, second.number) <= 0:
        return max(first, second)
    weights = [1 / max(each.error, 0.02) ** 2 for each in (first, second)]
    logs = [math.log(each.number) for each in (first, second)]
    mean = sum(weight * log for weight, log in zip(weights, logs, strict=True)) / sum(weights)
    error = max(1 / math.sqrt(sum(weights)), abs(logs[0] - logs[1]) / 4)
    return Estimate(math.exp(mean), error)
