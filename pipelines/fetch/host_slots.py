"""The slots of a leased host: tasks that fetch on a connection each, in turns that keep the delay."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class HostSlots:
    """The slots at work, and the turns of those that ended: the slots that follow must wait for them."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._turns: list[float] = []  # when slots that ended might have asked next; the latest first

    def open(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin a slot; it counts until its task has ended."""
        slot = asyncio.create_task(work)
        self.tasks.add(slot)
        slot.add_done_callback(self.tasks.discard)
        return slot

    def take_turn(self) -> float:
        """When a new slot may ask first (epoch seconds): it follows one that ended, if one did."""
        return self._turns.pop() if self._turns else 0.0

    def leave(self, ready_at: float, connections: int) -> None:
        """A slot that is still counted ends; its turn would have come at ``ready_at`` (epoch seconds).

        No more turns are kept than the host has ``connections`` free.
        """
        self._turns.append(ready_at)
        self._turns.sort(reverse=True)  # the earliest is taken first
        del self._turns[max(0, connections - len(self.tasks) + 1) :]
