"""The window of a leased host: its best due visits, from the moment they are loaded to their hand-over."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence

from crawler.lanes import Lane, lane_of
from pipelines.fetch.contexts import LastVersion
from pipelines.frontier.window import Due


class HostWindow:
    """A few visits, the best first. A visit stays in hand until its group is handed over.

    No other session loads a visit in hand: the host is leased, and a refill leaves these visits out.
    """

    def __init__(self) -> None:
        self._visits: deque[Due] = deque()
        self._versions: dict[int, LastVersion] = {}  # by id of the visits that wait
        self._in_hand: set[int] = set()  # ids of visits loaded and not yet handed over
        self.closed: set[int] = set()  # ids of visits that are not to be asked
        self.refilling = asyncio.Lock()
        self.dry = False  # the last refill brought nothing, and no hint has come since
        self.hints = 0  # how often :meth:`look_again` was called
        self.urgent = False  # urgent work was announced, and no refill has come back empty since

    @property
    def wants_visits(self) -> bool:
        """Whether it is empty and the frontier may have work for it."""
        return not self._visits and not self.dry

    @property
    def in_hand(self) -> frozenset[int]:
        """The ids of the visits in hand."""
        return frozenset(self._in_hand)

    @property
    def unsent(self) -> bool:
        """Whether visits were taken and not handed over: another session would fetch them again."""
        return len(self._in_hand) > len(self._visits)

    def take(self) -> Due | None:
        """The next visit, best first; None if there is none."""
        return self._visits.popleft() if self._visits else None

    def version_of(self, due: Due) -> LastVersion | None:
        """The last version of a taken visit's page. Forgets it: call it once."""
        return self._versions.pop(due.id, None)

    def is_closed(self, visit_id: int) -> bool:
        """Whether a taken visit is not to be asked. Forgets it: call it once."""
        closed = visit_id in self.closed
        self.closed.discard(visit_id)
        return closed

    def let_go(self, visit_id: int) -> None:
        """Remove a visit that was handed over."""
        self._in_hand.discard(visit_id)

    def look_again(self) -> None:
        """There may be new work: the next refill looks at the frontier."""
        self.dry = False
        self.hints += 1

    def make_room_for(self, lane: Lane) -> None:
        """Give visits of lesser lanes back to the frontier, so that the work just announced is next."""
        self.urgent = self.urgent or lane == Lane.URGENT
        if self._visits and lane < lane_of(self._visits[0].rank):
            self.give_back()

    def give_back(self) -> None:
        """Give the visits that wait back to the frontier: the next refill takes the best again."""
        self._in_hand.difference_update(due.id for due in self._visits)
        self._visits.clear()
        self._versions.clear()
        self.closed.clear()

    def fill(self, visits: Sequence[Due], versions: Mapping[int, LastVersion], hints: int) -> None:
        """Take what a refill brought; it may have missed what was announced since ``hints``."""
        self._visits.extend(visits)
        self._in_hand.update(due.id for due in visits)
        self._versions |= versions
        self.dry = not visits and self.hints == hints
        self.urgent = self.urgent and not self.dry
