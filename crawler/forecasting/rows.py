"""Rows of numbered pages: the parts of a list, as ``?page=2`` or ``/page/2`` name them.

The numbers of a row have no gaps. So of a row whose last number is known, all pages are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import gcd
from typing import NamedTuple

MOST = 20_000  # pages of one row
OFFSET = 5  # the least number of a row that counts items instead of pages
_NAMES = "page|paged|pg|pageno|page_no|pagenum|pagenumber|page_number|pn|seite|pagina|offset|start|skip|from"
_IN_QUERY = re.compile(rf"(?<=[?&])((?:{_NAMES})=)([0-9]{{1,7}})(?=&|$)", re.IGNORECASE)
_IN_PATH = re.compile(r"(/(?:page|seite|pagina)[/-]?)([0-9]{1,7})(?=[/?]|\.html?$|$)", re.IGNORECASE)

# A number alone is an address of its own in some systems: /?p=123.
_SHORT = re.compile(r"(?<=[^/])(\?p=|(?<=&)p=)([0-9]{1,4})(?=&|$)")


class Place(NamedTuple):
    """Where an address is in a row."""

    row: str  # the address with {} instead of its number
    number: int


def place_of(url: str) -> Place | None:
    """The place of an address in a row; None if it is not the page of a list."""
    for pattern in (_IN_QUERY, _IN_PATH, _SHORT):
        if match := pattern.search(url):
            before, after = url[: match.start(2)], url[match.end(2) :]
            return Place(f"{before}{{}}{after}", int(match[2])) if "{" not in before + after else None
    return None


class Rows:
    """The rows that some addresses are of, up to the largest number that was seen of each."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._numbers: dict[str, set[int]] = defaultdict(set)
        for url in urls:
            if place := place_of(url):
                self._numbers[place.row].add(place.number)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def last(self, row: str) -> int:
        """The largest number of a row."""
        return max(self._numbers.get(row, ()), default=0)

    def step(self, row: str) -> int:
        """From one page to the next: 1, or the items of a page where rows count those."""
        numbers = sorted(self._numbers.get(row, set()) - {0})
        if not numbers:
            return 1
        if numbers[0] >= OFFSET:
            return gcd(*numbers)
        step = gcd(*[after - before for before, after in pairwise(numbers)])
        return step if step >= OFFSET and len(numbers) > 2 else 1

    def all_of(self, row: str, last: int = 0) -> list[str]:
        """All addresses of a row up to its last number. Its first page may have an address of its own."""
        numbers, step = self._numbers[row], self.step(row)
        last = last or self.last(row)
        first = 2 if step == 1 and min(numbers) == 2 else last % step or step
        between = range(first, last + 1, step)[:MOST]
        return [row.format(number) for number in sorted({*between, *numbers})]
