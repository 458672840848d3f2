"""The connections to a leased host: a task fetches on each, and their turns keep the delay."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class HostConnections:
    """The tasks at work, and the turns of those that ended: tasks that follow must wait for these."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._turns: list[float] = []  # when tasks that ended might have asked next; the latest first

    def open(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start the task of a connection; it counts until it has ended."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def take_turn(self) -> float:
        """When a new task may ask first (epoch seconds): it takes the turn of one that ended, if one did."""
        return self._turns.pop() if self._turns else 0.0

    def leave(self, ready_at: float, connections: int) -> None:
        """A task that is still counted ends; its next turn would have come at ``ready_at`` (epoch seconds).

        No more turns are kept than the host has ``connections`` free.
        """
        self._turns.append(ready_at)
        self._turns.sort(reverse=True)  # the earliest is taken first
        del self._turns[max(0, connections - len(self.tasks) + 1) :]
