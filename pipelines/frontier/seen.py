"""A bounded memory of links already admitted: most links of a page were also on the page before."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

_SPREAD = 0x9E37_79B9_7F4A_7C15  # 2^64 divided by the golden ratio (Knuth, TAOCP 6.4): runs land far apart
_HALF = 1 << 63


class SeenLinks:
    """Links known to be admitted, each in the one place that its fingerprint and its run give it.

    A later link replaces the one in its place, so memory never grows. Only committed links are added, so a
    hit is as reliable as a fingerprint; a miss costs one row in an insert.
    """

    def __init__(self, capacity: int) -> None:
        """``capacity``: places of 8 bytes, a power of two."""
        self._last = capacity - 1
        self.clear()

    def of(self, run_id: int, depth: int = 0) -> SeenByRun:
        """The links of a run, for membership tests.

        Of a run with a depth limit, those found at this ``depth``: a shorter way to a link is news.
        """
        return SeenByRun(self._places, self._last, (run_id << 16) + depth)

    def add(self, run_id: int, fingerprints: Iterable[int], depth: int = 0) -> None:
        """Remember links of a run, with a depth limit those found at one ``depth``."""
        mark = self.of(run_id, depth).mark
        for fingerprint in fingerprints:
            key = fingerprint ^ mark
            self._places[key & self._last] = key

    def clear(self) -> None:
        """Forget everything (tests, whose run ids repeat)."""
        self._places = array("q", [0]) * (self._last + 1)
        self._places[0] = 1  # not 0: that key belongs to this place, and was not added


class SeenByRun:
    """One run's view of the links that are remembered."""

    __slots__ = ("_last", "_places", "mark")

    def __init__(self, places: array[int], last: int, number: int) -> None:
        self._places = places
        self._last = last
        self.mark = (number * _SPREAD + _HALF) % (2 * _HALF) - _HALF  # signed, as fingerprints are

    def __contains__(self, fingerprint: int) -> bool:
        key = fingerprint ^ self.mark
        return self._places[key & self._last] == key

    def unseen(self, fingerprints: Sequence[int]) -> list[int]:
        """The positions of the links that are not remembered."""
        places, last, mark = self._places, self._last, self.mark
        return [
            position
            for position, fingerprint in enumerate(fingerprints)
            if places[(key := fingerprint ^ mark) & last] != key
        ]


SEEN = SeenLinks(capacity=1 << 19)  # 4 MB
