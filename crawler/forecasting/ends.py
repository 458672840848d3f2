"""Where rows of numbered pages end."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from statistics import fmean, median

from crawler.forecasting.rows import OFFSET, Rows, place_of
from crawler.forecasting.seen import SeenPage

FURTHER = 3  # times the last page is the next guess
NEAR = 0.08  # of a row's length: so near to its end is near enough
ENDLESS = 100_000  # pages; a row that goes on so far has no end
PROVEN = 2  # rows that must end where their list says, before others are believed
ALIKE = 0.1  # relative difference between what is said and what is there
CENSORED = 1.5  # times what was seen of a row that is longer than all others


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
    linked: int = 0  # the last number to which its first page links
    pages: int = 0  # that its list says it has
    things: int = 0


class Ends:
    """What is known of the ends of rows: where they were looked for, and where lists say they are."""

    def __init__(self, pages: Collection[SeenPage], rows: Rows) -> None:
        self._rows = rows
        self._known: dict[str, _Row] = defaultdict(_Row)
        missing = nothing_at(pages)
        for page in pages:
            there = page.stored and page.url not in missing
            if place := place_of(page.url):
                self._note(page, place.row, place.number, there=there)
            if there:
                self._note_head(page, place.row if place else "")
        self._ended = {row: end for row in self._known if (end := self._looked_up(row))}
        self._per_page = self._things_each()
        self._proven = {way for way in ("linked", "pages", "things") if self._is_proven(way)}

    def _note(self, page: SeenPage, row: str, number: int, *, there: bool) -> None:
        known = self._known[row]
        if not there:
            known.beyond.add(number)
        elif number >= max(known.there, default=0):
            known.leads_on = max(_numbers(page, row), default=0) > number
        if there:
            known.there.add(number)

    def _note_head(self, page: SeenPage, own: str) -> None:
        """What a list's first page, or any other of it, says of the row."""
        rows = Counter(place.row for url in page.links if (place := place_of(url)))
        for row in {own} if own else rows:
            known = self._known[row]
            if not own:
                known.linked = max(known.linked, *_numbers(page, row))
            if own or len(rows) == 1:
                known.pages = known.pages or page.pages_said
                known.things = known.things or page.things_said

    def _looked_up(self, row: str) -> int:
        """The number at which a row was found to end; 0 where it was not looked for, or not found yet."""
        if not (known := self._known[row]).there or self._next(row) is not None:
            return 0
        last = max(self._rows.last(row), *known.there)
        beyond = min((number for number in known.beyond if number > last), default=0)
        step = self._rows.step(row)
        return (last + beyond) // 2 // step * step if beyond > last + 2 * step and known.leads_on else last

    def _things_each(self) -> float:
        """How many things a page of a list has, by the rows whose end was found."""
        each = [
            self._known[row].things / (self._length(row, end) - 0.5)
            for row, end in self._ended.items()
            if self._known[row].things
        ]
        return median(each) if each else 0.0

    def _length(self, row: str, last: int) -> float:
        """Pages of a row with this last number."""
        return last / self._rows.step(row) + (1 if self._rows.step(row) > 1 else 0)

    def _said(self, row: str, way: str) -> int:
        """The last number of a row, in one way of knowing it without a look; 0 if it does not tell."""
        known, step = self._known[row], self._rows.step(row)
        if way == "linked":
            return known.linked if known.linked >= 4 * step else 0
        if way == "pages":
            pages = known.pages
        else:
            pages = math.ceil(known.things / self._per_page) if self._per_page and known.things else 0
        return (pages - 1) * step if step > 1 else pages

    def _is_proven(self, way: str) -> bool:
        """Whether rows whose end was found end where this way says."""
        pairs = [(said, end) for row, end in self._ended.items() if (said := self._said(row, way))]
        right = sum(abs(said / end - 1) <= ALIKE for said, end in pairs)
        return right >= PROVEN and right >= 0.8 * len(pairs)

    def _claimed(self, row: str) -> int:
        """The last number of a row by what lists say, as far as that has proven true; else 0."""
        return max((self._said(row, way) for way in self._proven), default=0)

    def _next(self, row: str) -> int | None:
        known, last, step = self._known[row], self._rows.last(row), self._rows.step(row)
        read = max(known.there, default=0)
        beyond = min((number for number in known.beyond if number > read), default=None)
        if beyond is None:
            if not known.there or last > FURTHER * read:
                return last
            if not known.leads_on or last >= ENDLESS * step:
                return None
            hint = self._hint(row, step)
            return hint if hint > last else last * FURTHER
        there = max(read, last)
        if not known.leads_on or beyond - there <= max(step, NEAR * there):
            return None
        between = max(there + step, round(math.sqrt(there * beyond)) // step * step)
        return between if there < between < beyond else None

    def _hint(self, row: str, step: int) -> int:
        """The last number as its list says, before it is known whether lists tell the truth."""
        pages = self._known[row].pages
        return (pages - 1) * step if step > 1 else pages

    def next_of(self, row: str) -> int | None:
        """The number that should be asked for next; None when the end is known."""
        return None if not self.is_begun(row) and self._claimed(row) else self._next(row)

    def last_of(self, row: str, others: Collection[str]) -> int:
        """The last number of a row; where it is not known yet, as that of the longer ones of ``others``."""
        seen = self._rows.last(row)
        if row in self._ended:
            return max(seen, self._ended[row])
        if claimed := self._claimed(row):
            return max(seen, claimed)
        if row in self._known and self._known[row].there and self._next(row) is None:
            return seen
        longer = [self._ended[other] for other in others if self._ended.get(other, 0) > seen]
        return round(fmean(longer)) if longer else round(CENSORED * seen)

    def ended(self, rows: Collection[str]) -> int:
        """How many of some rows have an end that was looked for."""
        return sum(row in self._ended for row in rows)

    def is_begun(self, row: str) -> bool:
        """Whether one of its pages was asked for."""
        return bool(self._known[row].there or self._known[row].beyond)

    def is_endless(self, row: str) -> bool:
        """Whether a row went on as far as anybody looked."""
        known = self._known[row]
        last = max(known.there, default=0) // self._rows.step(row)
        return known.leads_on and not known.beyond and last >= ENDLESS
