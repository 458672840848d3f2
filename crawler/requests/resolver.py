"""From host names to addresses: the system's resolver, asked in threads and once for all who wait."""

from __future__ import annotations

import asyncio
import functools
import socket
import time
from concurrent.futures import ThreadPoolExecutor

DNS_THREADS = 16
DNS_SECONDS = 60  # how long the addresses of a name are kept
DNS_NAMES = 10_000  # kept at most


@functools.lru_cache(maxsize=1)
def _dns_threads() -> ThreadPoolExecutor:
    """Threads for the system's resolver alone, so that other work of the process never waits for it."""
    return ThreadPoolExecutor(DNS_THREADS, thread_name_prefix="dns")


class Resolver:
    """Looks names up for the coroutines of one event loop."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, list[str]]] = {}  # until when (monotonic), and the addresses
        self._lookups: dict[str, asyncio.Task[list[str]]] = {}

    async def addresses(self, host: str) -> list[str]:
        """The addresses of a name, the best first. Raises OSError when it has none."""
        until, addresses = self._known.get(host, (0.0, []))
        if time.monotonic() < until:
            return addresses
        if (lookup := self._lookups.get(host)) is None:
            lookup = self._lookups[host] = asyncio.create_task(self._look_up(host))
            lookup.add_done_callback(_take_note)
        return await asyncio.shield(lookup)  # whoever gives up does not end it for the others

    async def _look_up(self, host: str) -> list[str]:
        try:
            addresses = await asyncio.get_running_loop().run_in_executor(_dns_threads(), _ask_system, host)
        finally:
            del self._lookups[host]
        if len(self._known) >= DNS_NAMES:
            self._known.clear()
        self._known[host] = time.monotonic() + DNS_SECONDS, addresses
        return addresses


def _ask_system(host: str) -> list[str]:
    try:
        infos = socket.getaddrinfo(host, None, socket.AF_UNSPEC, socket.SOCK_STREAM)
    except UnicodeError as error:  # an empty or a too long label
        raise OSError(f"{host[:80]!r} cannot be looked up") from error
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


def _take_note(lookup: asyncio.Task[list[str]]) -> None:
    """Look at the error of a lookup for which nobody waits any more, or asyncio reports it as lost."""
    if not lookup.cancelled():
        lookup.exception()
