"""Lanes, the priority classes of work, and ranks: lane and priority as one number, smallest first."""

from __future__ import annotations

import enum


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
    return int(lane) * 10 + 9 - priority


def lane_of(rank: int) -> Lane:
    """The lane that a rank belongs to."""
    return Lane(rank // 10)


def ranks_of(lane: Lane) -> range:
    """The ranks of a lane, the best first."""
    return range(int(lane) * 10, int(lane) * 10 + 10)
