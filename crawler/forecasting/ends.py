"""Where rows of numbered pages end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from crawler.forecasting.rows import OFFSET, Rows, place_of
from crawler.forecasting.seen import SeenPage

FURTHER = 2  # times the last page is the next guess
ENDLESS = 100_000  # pages; a row that goes on so far has no end


def nothing_at(pages: Collection[SeenPage]) -> set[str]:
    """The addresses that were guessed and are no pages of their row, whatever was answered there."""
    return {page.url for page in pages if page.guessed and not (page.stored and _is_there(page, pages))}


def _is_there(page: SeenPage, pages: Collection[SeenPage]) -> bool:
    """A page behind the end of its row shows the last one, or nothing new."""
    place = place_of(page.url)
    if place is None:
        return True
    numbers = list(_numbers(page, place.row))
    if numbers and max(numbers) < place.number - max(OFFSET, place.number // 50):
        return False
    others = {url for other in pages if other.url != page.url for url in other.links}
    return any(url not in others and place_of(url) is None for url in page.links)


def _numbers(page: SeenPage, row: str) -> Iterator[int]:
    """The numbers of a row that a page links to."""
    for url in page.links:
        if (place := place_of(url)) and place.row == row:
            yield place.number


@dataclass
class _Row:
    there: set[int] = field(default_factory=set)  # pages of it that were read
    beyond: set[int] = field(default_factory=set)  # numbers at which there is nothing
    leads_on: bool = False  # its last page that was read links to a later one


class Ends:
    """What is known of the ends of rows."""

    def __init__(self, pages: Collection[SeenPage], rows: Rows) -> None:
        self._rows = rows
        self._known: dict[str, _Row] = defaultdict(_Row)
        missing = nothing_at(pages)
        for page in pages:
            if place := place_of(page.url):
                there = page.stored and page.url not in missing
                self._note(page, place.row, place.number, there=there)

    def _note(self, page: SeenPage, row: str, number: int, *, there: bool) -> None:
        known = self._known[row]
        if not there:
            known.beyond.add(number)
        elif number >= max(known.there, default=0):
            known.leads_on = max(_numbers(page, row), default=0) > number
        if there:
            known.there.add(number)

    def next_of(self, row: str) -> int | None:
        """The number that should be asked for next; None when the end is known."""
        known, last, step = self._known[row], self._rows.last(row), self._rows.step(row)
        read = max(known.there, default=0)
        beyond = min((number for number in known.beyond if number > read), default=None)
        if beyond is None:
            if not known.there or last > FURTHER * read:
                return last
            return last * FURTHER if known.leads_on and last < ENDLESS * step else None
        there = max(read, last)
        between = there + (beyond - there) // 2 // step * step
        return between if known.leads_on and there < between < beyond else None

    def is_begun(self, row: str) -> bool:
        """Whether one of its pages was asked for."""
        return bool(self._known[row].there or self._known[row].beyond)

    def is_endless(self, row: str) -> bool:
        """Whether a row went on as far as anybody looked."""
        known = self._known[row]
        last = max(known.there, default=0) // self._rows.step(row)
        return known.leads_on and not known.beyond and last >= ENDLESS
