"""One asyncio loop and one pool of connections a process, shared by its fetch sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Thread
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections

from crawler.open_files import OTHER_FILES, raise_limit
from crawler.requests.fetch import IDLE_CONNECTIONS, SLOW_REQUESTS, Fetcher
from crawler.rules.cookies import Cookies

T = TypeVar("T")


class FetchLoop:
    """The process's loop thread, its fetcher, and the few threads that talk to the database for it.

    No query runs on the loop itself: it would delay every other host.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._database = ThreadPoolExecutor(max_workers=2, thread_name_prefix="fetch-db")
        self._urgent = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch-db-urgent")
        self._fetcher: Fetcher | None = None
        self.alone = asyncio.Lock()  # held while one visit is under suspicion
        self.cookies = Cookies()
        Thread(target=self._loop.run_forever, name="fetch-loop", daemon=True).start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for it (called from a task's thread)."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def every(self, seconds: float, call: Callable[[], object]) -> None:
        """Call something again and again on the loop, as long as that goes round."""

        def again() -> None:
            call()
            self._loop.call_later(seconds, again)

        self._loop.call_soon_threadsafe(again)

    async def database(self, call: Callable[[], T], *, urgent: bool = False) -> T:
        """Run a blocking call in a database thread; an urgent call does not wait behind others."""
        threads = self._urgent if urgent else self._database
        return await asyncio.get_running_loop().run_in_executor(threads, _with_connection, call)

    @property
    def fetcher(self) -> Fetcher:
        """The process's fetcher, made on the loop at first use."""
        if self._fetcher is None:
            raise_limit(settings.SESSION_REQUESTS + SLOW_REQUESTS + IDLE_CONNECTIONS + OTHER_FILES)
            self._fetcher = Fetcher(
                deadline=settings.FETCH_DEADLINE,
                max_bytes=settings.MAX_BODY_BYTES,
                max_retry_after=settings.MAX_RETRY_AFTER,
                connections=settings.SESSION_REQUESTS,
            )
        return self._fetcher


def _with_connection(call: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


@cache
def fetch_loop() -> FetchLoop:
    """The loop of this process."""
    return FetchLoop()
