"""The plan of a drawn site: its pages, what they link to and say, and how its addresses look."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.fakeweb.sized import slug

FOLDERS = ("item", "product", "p", "entry", "record", "detail", "artikel", "offer", "page-of", "show")
LISTS = ("category", "c", "topics", "section", "browse", "list", "kategorie", "department")
TITLES = ("results", "items", "products", "entries", "articles")


@dataclass
class Naming:
    """How addresses of one kind are built: of words, of numbers without or with gaps, or of both."""

    dice: random.Random
    style: str
    step: int
    number: int

    @classmethod
    def drawn(cls, dice: random.Random) -> Naming:
        """Any."""
        style = dice.choice(("words", "words", "numbers", "sparse", "both", "file"))
        step = dice.choice((1, 1, 1, 3)) if style == "numbers" else dice.choice((40, 900))
        return cls(dice, style, step, dice.choice((1, 1, 1000, 52_000)))

    def next(self, words: str) -> str:
        """The next address; ``words`` are its own."""
        self.number += self.step if self.style == "numbers" else self.dice.randrange(1, 2 * self.step)
        number = f"{self.number}"
        named = {"words": words, "both": f"{words}-{number}", "file": f"{words}.html"}
        return named.get(self.style, number)


@dataclass
class Plan:
    """Paths of a site with the paths that each links to."""

    dice: random.Random
    pages: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)  # by path: what it says of how much there is
    moved: dict[str, str] = field(default_factory=dict)  # redirects
    listed: list[str] = field(default_factory=list)  # in the sitemap
    parts: int = 1  # of the sitemap
    uses_sitemap: bool = False  # whether the crawl does
    trap: Callable[[str], list[str] | None] | None = None  # the links of pages that are made up
    notes: list[str] = field(default_factory=list)  # what was added to its kind, for people
    _namings: dict[str, Naming] = field(default_factory=dict)
    _serial: int = 0

    def number(self, least: float, most: float) -> int:
        """A number whose size is drawn: each doubling is as likely as another."""
        return round(math.exp(self.dice.uniform(math.log(least), math.log(most))))

    def chance(self, share: float) -> bool:
        """Whether something is so."""
        return self.dice.random() < share

    def add(self, path: str, links: Sequence[str] = ()) -> None:
        """A page, or more links of one."""
        self.pages.setdefault(path, []).extend(links)

    def names(self, count: int, folder: str = "") -> list[str]:
        """So many new addresses under a folder; those of folders beside each other are built alike."""
        last = folder.rpartition("/")[2]
        key = f"{folder.count('/')} {last if last.isalpha() else ''}"
        naming = self._namings.setdefault(key, Naming.drawn(self.dice))
        paths = []
        for _ in range(count):
            self._serial += 1
            paths.append(f"{folder}/{naming.next(slug(self._serial))}")
        return paths

    def split(self, things: Sequence[str], parts: int) -> list[list[str]]:
        """Things in parts that are alike, or of which a few have most; none is empty."""
        power = self.dice.choice((0.0, 0.0, 0.5, 1.0, 1.4))
        weights = [(rank + 1) ** -power for rank in range(parts)]
        chosen: list[list[str]] = [[] for _ in range(parts)]
        for at, part in enumerate(self.dice.choices(range(parts), weights, k=len(things))):
            chosen[at if at < parts else part].append(things[at])
        self.dice.shuffle(chosen)
        return [part for part in chosen if part]


@dataclass
class Paging:
    """How the lists of a site are cut into pages."""

    plan: Plan
    per_page: int
    form: str  # of an address: {path}, {number}, {offset}
    bar: str  # which pages one links to
    says: str  # what it says of all

    @classmethod
    def drawn(cls, plan: Plan) -> Paging:
        """Any."""
        dice = plan.dice
        forms = ("?page={number}", "?page={number}", "?p={number}", "?start={offset}", "/page/{number}",
                 "?seite={number}", "?after={token}")  # fmt: skip
        bars = ("next", "next", "last", "window", "window", "all")
        says = ("", "", "page", "count", "span")
        return cls(
            plan, dice.choice((10, 12, 20, 24, 25, 30, 48, 60)), dice.choice(forms), dice.choice(bars),
            dice.choice(says),
        )  # fmt: skip

    def lay_out(self, head: str, things: Sequence[str], links: Sequence[str] = ()) -> list[str]:
        """Pages of a list that begins at ``head``; returns their addresses."""
        cuts = [things[at : at + self.per_page] for at in range(0, len(things), self.per_page)] or [[]]
        addresses = [self._address(head, number, cuts) for number in range(1, len(cuts) + 1)]
        for at, address in enumerate(addresses):
            self.plan.add(address, [*links, *cuts[at], *self._bar(addresses, at)])
            if said := self._said(at, len(cuts), len(things)):
                self.plan.words[address] = said
        return addresses

    def _address(self, head: str, number: int, cuts: list[Sequence[str]]) -> str:
        if number == 1:
            return head
        token = f"{head.rpartition('/')[2]}-{number * 7919 % 9973:x}"
        form = self.form.format(number=number, offset=(number - 1) * self.per_page, token=token)
        if form.startswith("/"):
            return f"{head.rstrip('/')}{form}"
        return f"{head}{form}"

    def _bar(self, addresses: list[str], at: int) -> list[str]:
        last = len(addresses) - 1
        shown = {
            "next": {at + 1},
            "last": {at - 1, at + 1, last},
            "window": {0, *range(at - 2, at + 3), last},
            "all": set(range(last + 1)),
        }["next" if "{token}" in self.form else self.bar]
        return [addresses[each] for each in sorted(shown) if 0 <= each <= last and each != at]

    def _said(self, at: int, pages: int, things: int) -> str:
        begin = at * self.per_page
        return {
            "": "",
            "page": f"Page {at + 1} of {pages}",
            "count": f"{things:,} {self.plan.dice.choice(TITLES)}",
            "span": f"Showing {begin + 1}-{min(begin + self.per_page, things)} of {things}",
        }[self.says]
