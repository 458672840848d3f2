"""Evidence that a block changes by itself, from all looks at it; and what follows.

A change that is lost is worse than one too many. So a block is left out only if it differed in nearly all
looks, on several pages or for long, and as people do not write: within minutes, back to what it had, as
counters and clocks do, or as a part that calls itself an advertisement. What grows by sentences is content.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from crawler.reading.content.block_changes import BlockChange
from crawler.reading.content.block_looks import BlockLook
from crawler.reading.selectors.names import words_of

LEAST_CHANGES, LEAST_OCCASIONS = 3, 2
LEAST_ROTATIONS = 2  # of what changes within minutes with nothing else
APART = 3600  # seconds: looks less far apart are one occasion
_NEARLY_ALL = 0.9  # of the looks
_OFTEN = 0.3  # of what alternates: by a coin, every second look shows the same
_STILL = 0.2  # of the looks; a block that was left out and changes less often counts again
_SURELY = 6  # changes that say enough on one page
_TIMES = 3  # signs that are no accident
AT_ONCE = 3  # pages on which all changed in one run
_MOST_LOOKS = 60  # then older ones count half
_MEMORY = 150  # marks of pieces that a page no longer shows
_PAGES, _RUNS, _SAMPLES, _INNER = 20, 8, 6, 20  # that are remembered
MINUTES = 30  # looks less far apart are within minutes
_AROUND = re.compile(
    r"ad|ads|adverts?|advertisements?|advertising|adslot|adsense|sponsor(?:s|ed)?|promos?|promoted|teasers?"
    r"|related|recommend(?:ed|s|ation|ations)?|recirc|outbrain|taboola|popular|trending|similar|upsell|viewed"
    r"|views|visitors|online|counter|hits|nonce|csrf|token|banner"
)


class Signs(msgspec.Struct, kw_only=True):
    """How often a block did what tells noise from content, and what its pages showed before."""

    runs: list[int] = []  # in which it changed
    occasions: list[int] = []  # on which it changed: seconds since 1970
    at_once: list[int] = []  # in which it changed on all of several pages
    machine: int = 0
    value: int = 0
    grown: int = 0
    returned: int = 0
    quick: int = 0  # changes within minutes
    quick_alone: int = 0  # of these, with which nothing else changed that people write
    within_main: int = 0
    kept: str = ""  # why it is no noise
    holds: list[str] = []  # other blocks in it
    pages: dict[str, list[int]] = {}  # by key of a page: marks of what it no longer shows

    @classmethod
    def of(cls, plain: Any) -> Signs:
        """From what :meth:`plain` gave."""
        return msgspec.convert(plain, cls)

    def plain(self) -> dict[str, Any]:
        """What JSON can hold."""
        return dict(msgspec.to_builtins(self))


class Moment(NamedTuple):
    """Which two versions of a page are looked at."""

    page: int  # its key
    run: int  # that got the later one
    time: float  # of that, in seconds since 1970
    since: float  # seconds from the one to the other


class Evidence(msgspec.Struct, kw_only=True):
    """All that is known of a block."""

    selector: str
    looks: int = 0
    changes: int = 0
    pages: int = 0
    alone: int = 0
    samples: list[list[str]] = []  # what it showed before and after
    signs: Signs = msgspec.field(default_factory=Signs)

    def add(self, look: BlockLook, at: Moment, *, unchanged: int) -> None:
        """Count a pair of versions; ``unchanged`` are the looks between them that found the page unchanged.

        That a block is the same after some minutes says nothing: clocks that count hours are so too.
        """
        if look.change is None and at.since < 60 * MINUTES:
            return
        self.looks += 1 + unchanged
        if look.kept:
            self.signs.kept = look.kept
        self.signs.holds = list(dict.fromkeys([*self.signs.holds, *look.within]))[-_INNER:]
        if look.change is not None:
            self._add_change(look.change, at)
            self.signs.within_main += look.within_main
        if self.looks > _MOST_LOOKS:
            self._age()

    def add_at_once(self, run: int) -> None:
        """It changed on all of several pages that a run looked at."""
        self.signs.at_once = _latest(self.signs.at_once, run, _RUNS)

    def add_quick_alone(self) -> None:
        """It changed within minutes, and nothing else did."""
        self.signs.quick_alone += 1

    @property
    def is_steady(self) -> bool:
        """It changes at nearly every look."""
        return self.changes >= _NEARLY_ALL * self.looks

    @property
    def is_noise(self) -> bool:
        """Whether all this says that it is to be left out."""
        signs = self.signs
        if signs.kept or 2 * max(signs.grown, signs.value) >= max(self.changes, 1):
            return False
        if self._rotates:
            return True
        if self.changes < LEAST_CHANGES or not (self._is_on_occasions or self._goes_on):
            return False
        return self._alternates or (self.is_steady and self._is_by_machine)

    @property
    def has_calmed(self) -> bool:
        """Whether a block that was left out has stopped to change by itself, or may be none any more."""
        return bool(self.signs.kept) or self.changes < _STILL * self.looks

    @property
    def _is_on_occasions(self) -> bool:
        return len(self.signs.occasions) >= LEAST_OCCASIONS

    @property
    def _goes_on(self) -> bool:
        """On all of several pages, and minutes later again on all, mostly to something new.

        While a site is brought up to date, its pages go back and forth.
        """
        signs = self.signs
        at_once = len(signs.at_once) >= LEAST_OCCASIONS and signs.quick >= _TIMES
        return at_once and 2 * signs.returned < signs.quick

    @property
    def _rotates(self) -> bool:
        """Once more within minutes, alone, at every look, and by its name only around what a page is for.

        Clocks and tokens have no such name; they do so on several pages, or twice.
        """
        signs = self.signs
        if not signs.quick_alone or self.changes < LEAST_ROTATIONS or not self.is_steady:
            return False
        if is_around(self.selector) and not signs.within_main:
            return True
        return signs.machine == self.changes and (self.pages > 1 or signs.quick_alone > 1)

    @property
    def _alternates(self) -> bool:
        """Within minutes, or back to what it had; by a coin, it is the same every second time."""
        often = self.changes >= _OFTEN * self.looks
        return often and (self.signs.quick >= _TIMES or self.signs.returned >= _TIMES)

    @property
    def _is_by_machine(self) -> bool:
        signs = self.signs
        if signs.machine == self.changes and (self.pages > 1 or self.changes >= _SURELY):
            return True
        if signs.within_main:
            return False
        if is_around(self.selector):
            return True
        return len(signs.at_once) >= LEAST_OCCASIONS and self.changes >= _SURELY

    def _add_change(self, change: BlockChange, at: Moment) -> None:
        signs, page = self.signs, str(at.page)
        self.changes += 1
        signs.runs = _latest(signs.runs, at.run, _RUNS)
        if all(abs(at.time - other) >= APART for other in signs.occasions):
            signs.occasions = _latest(signs.occasions, int(at.time), _RUNS)
        signs.machine += change.machine
        signs.value += change.value
        signs.grown += change.grown
        signs.quick += at.since < 60 * MINUTES
        if page not in signs.pages:
            self.pages += 1
        lost = signs.pages.pop(page, [])
        signs.returned += not set(lost).isdisjoint(change.gained)
        left = [mark for mark in lost if mark not in change.gained] + change.lost
        signs.pages[page] = list(dict.fromkeys(left))[-_MEMORY:]
        while len(signs.pages) > _PAGES:
            del signs.pages[next(iter(signs.pages))]
        if change.before or change.after:
            self.samples = [*self.samples, [change.before, change.after]][-_SAMPLES:]

    def _age(self) -> None:
        signs = self.signs
        self.looks, self.changes, self.alone = self.looks // 2, self.changes // 2, self.alone // 2
        signs.machine, signs.value, signs.grown = signs.machine // 2, signs.value // 2, signs.grown // 2
        signs.returned, signs.quick = signs.returned // 2, signs.quick // 2
        signs.quick_alone //= 2
        signs.within_main //= 2


def is_around(selector: str) -> bool:
    """Whether a name in a selector says that the block only surrounds what a page is for."""
    return any(map(_AROUND.fullmatch, words_of(selector)))


def _latest(numbers: list[int], number: int, most: int) -> list[int]:
    return [*(each for each in numbers if each != number), number][-most:]
