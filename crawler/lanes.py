"""Lanes, the priority classes of work, and ranks: lane and priority as one number, smallest first."""

from __future__ import annotations

import enum

PRIORITIES = 10  # of each lane: 0 to 9


class Lane(enum.IntEnum):
    """Priority class of work. Lower is served first; each lane has Celery queues of its own."""

    URGENT = 0
    NORMAL = 1
    BULK = 2

    @property
    def label(self) -> str:
        return self.name.lower()


def rank_of(lane: Lane | int, priority: int) -> int:
    """The order of work: 0 (urgent, priority 9) to 29 (bulk, priority 0)."""
    return worst_rank(lane) - priority


def lane_of(rank: int) -> Lane:
    """The lane that a rank belongs to."""
    return Lane(rank // PRIORITIES)


def ranks_of(lane: Lane | int) -> range:
    """The ranks of a lane, the best first."""
    first = int(lane) * PRIORITIES
    return range(first, first + PRIORITIES)


def worst_rank(lane: Lane | int) -> int:
    """The last rank of a lane, and of all lanes up to it."""
    return ranks_of(lane)[-1]
