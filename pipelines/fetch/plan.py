"""What a fetch session is to do, and what it has done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.conf import settings

from catalog.models import Batch
from crawler.lanes import Lane, ranks_of, worst_rank

URGENT_PATIENCE = 0.3  # seconds an urgent session keeps a host that has no urgent work


@dataclass(frozen=True)
class Plan:
    """What a session does: its lane, its owner, how it hands groups over and when it stops.

    ``publish`` and ``announce`` must not raise; ``make_room`` may raise what the database raises.
    """

    lane: Lane
    owner: str  # the worker's node name
    publish: Callable[[Batch], None]  # sends the batch's chain
    stopping: Callable[[], bool]  # the worker is shutting down
    seconds: float
    announce: Callable[[Mapping[Lane, Collection[int]]], object]  # tells other sessions of hosts with work
    make_room: Callable[[], object] = lambda: None  # lets the next session of the lane begin

    @property
    def max_rank(self) -> int:
        """Urgent sessions do urgent work only; the others take the best work of their hosts."""
        return worst_rank(Lane.URGENT if self.lane == Lane.URGENT else Lane.BULK)

    @property
    def patience(self) -> float:
        """Seconds that a host without work is kept. Other sessions may wait for a host of an urgent one."""
        idle: float = settings.SESSION_IDLE_SECONDS
        return min(URGENT_PATIENCE, idle) if self.lane == Lane.URGENT else idle

    def serves(self, lane: Lane) -> bool:
        """Whether this session takes work of a lane."""
        return ranks_of(lane)[0] <= self.max_rank

    def of_others(self, due: Mapping[Lane, Collection[int]]) -> dict[Lane, Collection[int]]:
        """Hosts given back with work for other sessions: urgent work, or what an urgent session leaves."""
        return {lane: ids for lane, ids in due.items() if Lane.URGENT in (lane, self.lane)}


@dataclass(frozen=True)
class Summary:
    """What a session did: requests, groups handed over, leases taken over."""

    fetched: int
    groups: int
    taken_over: int
