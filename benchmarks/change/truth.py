"""What happens on a site, and how much of it a watcher tells: edits that were planted, and false changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from benchmarks.change.noises import ALL, Request, marked_up
from benchmarks.change.sites import Site, edit_of, markup
from benchmarks.change.watcher import Answer, Told, Watcher

EVERY = 180  # minutes from one look to the next
FIRST_EDIT, EDIT_EVERY = 4, 6  # runs; pages are edited in turn, not all at once
LEARNING = 8  # runs: what is false among them is counted apart
LAG = 20  # minutes after an edit, in which half of the answers are old
LATE = 2  # runs after an edit in which it still counts as told


@dataclass
class Figures:
    """Of one noise on one site."""

    looks: int = 0
    other_bytes: int = 0
    first_sight: int = 0  # changes that first looks saw, without a second look
    false: int = 0
    false_while_learning: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    waits: list[int] = field(default_factory=list)  # minutes from the look that met an edit until told
    learned_after: list[int] = field(default_factory=list)  # runs, of each block

    def add(self, other: Figures) -> None:
        """The figures of both."""
        for name in ("looks", "other_bytes", "first_sight", "false", "false_while_learning"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.planted += other.planted
        self.told += other.told
        self.waits += other.waits
        self.learned_after += other.learned_after


class Web:
    """A site with one kind of noise; ``ask`` gives a page at a minute."""

    def __init__(self, site: Site, noise: str, pages: int, runs: int) -> None:
        self.site, self.noise, self.pages, self.runs = site, noise, pages, runs
        self._asked = 0
        self.edits: dict[int, list[int]] = {page: [] for page in range(pages)}  # minutes

    def ask(self, page: int, minute: int) -> Answer:
        """An answer, by dice that only the order of requests decides."""
        self._asked += 1
        dice = Random(f"{self.site.name} {self.noise} {self._asked}")
        revision = self.revision(page, minute)
        if self.noise == "CDN lag" and self._lags(page, minute) and dice.random() < 0.5:
            revision -= 1
        slots = ALL[self.noise](Request(page, minute, dice))
        text = markup(self.site, page, revision, slots)
        text = marked_up(text, dice) if self.noise == "markup only" else text
        return Answer(text.encode(), minute, revision)

    def revision(self, page: int, minute: int) -> int:
        """The true one."""
        return sum(edit <= minute for edit in self.edits[page])

    def _lags(self, page: int, minute: int) -> bool:
        return any(0 <= minute - edit < LAG for edit in self.edits[page])


def watched(site: Site, noise: str, pages: int, runs: int) -> Figures:
    """A site watched for some runs; each page is edited every few runs."""
    web, watcher, figures = Web(site, noise, pages, runs), Watcher(site), Figures()
    tops = dict.fromkeys(range(pages), 0)
    for run in range(runs):
        minute = run * EVERY
        _edit(web, run, minute)
        for told in watcher.run(web.ask, range(pages), minute):
            _judge(web, told, tops, figures, learning=run <= LEARNING)
    for edits in web.edits.values():
        figures.planted += Counter(edit_of(site, revision) for revision in range(1, len(edits) + 1))
    figures.looks, figures.first_sight = watcher.looks, watcher.first_sight
    figures.other_bytes, figures.learned_after = watcher.other_bytes, list(watcher.learned_after.values())
    return figures


def _edit(web: Web, run: int, minute: int) -> None:
    """Edits happen some minutes before a look, so that a lag of the network is met."""
    for page in range(web.pages):
        if FIRST_EDIT <= run < web.runs - LATE and (run - page) % EDIT_EVERY == 0:
            web.edits[page].append(minute - 3 - page % 10)


def _judge(web: Web, told: Told, tops: dict[int, int], figures: Figures, *, learning: bool) -> None:
    true, top = web.revision(told.page, told.minute), tops[told.page]
    if told.answer.revision == true > top:
        edited = web.edits[told.page][true - 1]
        first = -(-edited // EVERY) * EVERY
        tops[told.page] = true
        for revision in range(top + 1, true + 1):
            if told.minute - edited <= (LATE + 1) * EVERY and revision == true:
                figures.told[edit_of(web.site, revision)] += 1
                figures.waits.append(told.minute - first)
    else:
        figures.false += 1
        figures.false_while_learning += learning
