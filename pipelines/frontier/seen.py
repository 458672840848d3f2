"""A bounded memory of links already admitted: most links of a page were on the page before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock


class SeenLinks:
    """Fingerprints known to be admitted, by run. Forgets whole runs, the longest unused first.

    Only what has been committed is added, so a hit is always true; a miss costs one row in an insert.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._runs: OrderedDict[int, set[int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def of(self, run_id: int) -> frozenset[int] | set[int]:
        """The set of a run, for membership tests only."""
        with self._lock:
            if run_id not in self._runs:
                return frozenset()
            self._runs.move_to_end(run_id)
            return self._runs[run_id]

    def add(self, run_id: int, fingerprints: Iterable[int]) -> None:
        """Remember links of a run; over the capacity, the longest unused run is forgotten."""
        with self._lock:
            known = self._runs.setdefault(run_id, set())
            before = len(known)
            known.update(fingerprints)
            self._size += len(known) - before
            self._runs.move_to_end(run_id)
            while self._size > self._capacity:
                _, forgotten = self._runs.popitem(last=False)
                self._size -= len(forgotten)

    def clear(self) -> None:
        """Forget everything (tests, whose run ids repeat)."""
        with self._lock:
            self._runs.clear()
            self._size = 0


SEEN = SeenLinks(capacity=500_000)  # some 40 MB when full
