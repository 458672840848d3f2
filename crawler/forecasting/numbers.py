"""Pages whose addresses count: the numbers of ``/item/123`` say how many there are, if they have no gaps."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from crawler.forecasting.curves import Estimate

LEAST = 12  # addresses from which something can be said
NEAR = 3  # numbers that are so near to each other belong together
UNIQUE = 0.9  # of the addresses must have a number of their own
TOGETHER = 0.05  # of all numbers must be in runs for the rest to be as dense
CHANCE = 10  # times more room than NEAR a page's numbers must have, or its runs may be chance
_LAST = re.compile(r"([0-9]{1,9})(?=[^0-9]*$)")


def counted(urls: Collection[str], shown: Iterable[Collection[str]]) -> Estimate | None:
    """How many pages there are by their numbers; None where those do not count pages.

    Dense numbers come in runs: a list shows 41, 42, 43. How full the runs are that pages showed says how full
    the whole range is; how many there are says where its ends may be: the estimator of the largest serial
    number (L. A. Goodman, "Serial number analysis", JASA 47, 1952).
    """
    numbers = set(_numbers(urls))
    if len(numbers) < LEAST or len(numbers) < UNIQUE * len(urls):
        return None
    width = max(numbers) - min(numbers) + 1
    room = width / (CHANCE * NEAR)
    runs = [
        run for links in shown if len(links) < room for run in _runs(sorted(set(_numbers(links)) & numbers))
    ]
    long = [run for run in runs if len(run) >= NEAR]
    inside = sum(map(len, long))
    if inside < TOGETHER * sum(map(len, runs)) or len(long) < 2:
        return None
    density = (inside - len(long)) / sum(run[-1] - run[0] for run in long)
    places = len({run[0] for run in runs})
    number = width * density * (1 + 1 / places)
    return Estimate(max(len(numbers), number), 0.05 + 1 / places)


def _numbers(urls: Iterable[str]) -> Iterator[int]:
    for url in urls:
        if match := _LAST.search(url[8:]):
            yield int(match[1])


def _runs(numbers: list[int]) -> Iterator[list[int]]:
    run = numbers[:1]
    for before, number in pairwise(numbers):
        if number - before > NEAR:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
