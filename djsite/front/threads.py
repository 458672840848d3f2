"""Threads for one kind of request, so that no kind can take those of another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Busy(Exception):
    """Too many requests wait for a thread already."""


class Threads:
    """So many threads, and so many jobs that may wait for one."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + waiting
        self._jobs = 0

    async def begin(self, job: Callable[[], T]) -> T:
        """Run the first job of a request. Raises :class:`Busy` when too many wait."""
        if self._jobs >= self._most:
            raise Busy
        return await self.run(job)

    async def run(self, job: Callable[[], T]) -> T:
        """Run a job of a request that has begun, however many wait; only the event loop calls this."""
        self._jobs += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, job)
        finally:
            self._jobs -= 1
