"""The connections of one allow-list of networks: which are in use, which wait for another request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial

import httpx

from crawler.open_files import sockets
from crawler.requests.connection import Connection, Response
from crawler.requests.dial import AddressRefused, Dialer, Origin, OutOfDescriptors
from crawler.requests.guard import AddressGuard

IDLE_SECONDS = 15  # RFC 9112 section 9.5: what servers close first, we need not keep
SWEEP_SECONDS = 5
READ_BYTES = 262144  # taken from a socket at once, as asyncio does


class Place:
    """The right of one request to be under way, among as many as there are ``places``."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._held = False
        self._lends: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Place:
        await self.take()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.lend()

    async def take(self) -> None:
        """Wait for a place, unless this request has one. It is kept."""
        self._stop_timer()
        if not self._held:
            await self._places.acquire()
            self._held = True

    def lend_after(self, seconds: float) -> None:
        """From then on, until :meth:`take`, another request may go in our place."""
        self._stop_timer()
        self._lends = asyncio.get_running_loop().call_later(seconds, self.lend)

    def lend(self) -> None:
        """Let another request go in our place."""
        self._stop_timer()
        if self._held:
            self._held = False
            self._places.release()

    def _stop_timer(self) -> None:
        if self._lends is not None:
            self._lends.cancel()
            self._lends = None


class ConnectionPool:
    """Carries out exchanges, over kept connections where there are some."""

    def __init__(self, allow_networks: Sequence[str] = (), *, keep: int = 256) -> None:
        """Raise ValueError for a malformed network.

        ``keep``: connections, in use or idle, beyond which none is kept for another request. Idle ones close
        after 15 s. The caller limits how many requests run at once: there, waiting costs no deadline.
        """
        self._dialer = Dialer(AddressGuard(allow_networks))
        self._most_kept = keep
        self._most_open = sockets()
        self._dialing = 0
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._open: set[Connection] = set()
        self._idle: dict[Origin, list[Connection]] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    async def exchange(self, origin: Origin, head: bytes, *, again: bool = True) -> Response:
        """Send a request, its head and its body if it has one; the caller reads and closes the response.

        ``again``: if a kept connection ends without an answer, it is sent on another one. A request that is
        not to be sent twice gets a new connection at once.

        Raises:
            httpx.TransportError: no answer; each kind of failure has a class of its own.
        """
        while True:
            connection = self._take(origin) if again else None
            fresh = connection is None
            if connection is None:
                connection = await self._connect(origin)
            try:
                self._dialer.check(connection.peer)
                return await connection.ask(head)
            except AddressRefused:
                connection.abort()
                raise
            except httpx.ReadError:
                # RFC 9112 section 9.3.1: an idle connection may close just as it is used again.
                if fresh or connection.began:
                    raise

    def close_idle(self) -> None:
        """Close the connections that wait for another request: their file descriptors are needed."""
        for waiting in self._idle.values():
            for connection in waiting:
                connection.abort()
        self._idle.clear()

    async def aclose(self) -> None:
        """Close every connection at once."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in list(self._open):
            connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # the event loop closes the sockets in its next round

    async def _connect(self, origin: Origin) -> Connection:
        if self._full():
            self.close_idle()
            await asyncio.sleep(0)  # the event loop closes the sockets in its next round
            if self._full():
                raise OutOfDescriptors("the last ones are needed to keep what was fetched")
        protocol = partial(Connection, self._buffer, partial(self._keep, origin), self._open.discard)
        self._dialing += 1
        try:
            connection = await self._dialer.connect(origin, protocol)
        finally:
            self._dialing -= 1
        if connection.is_open:
            self._open.add(connection)
        return connection

    def _full(self) -> bool:
        return len(self._open) + self._dialing >= self._most_open

    def _take(self, origin: Origin) -> Connection | None:
        """The connection that was used last: the others may then become old and close."""
        waiting = self._idle.get(origin)
        while waiting:
            connection = waiting.pop()
            if _is_fresh(connection):
                return connection
        return None

    def _keep(self, origin: Origin, connection: Connection) -> None:
        """A connection's exchange is over, and it can carry another one."""
        if len(self._open) > self._most_kept:
            connection.abort()
            return
        connection.idle_since = time.monotonic()
        self._idle.setdefault(origin, []).append(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle for too long, and look again while anything is left."""
        fresh = {origin: list(filter(_is_fresh, waiting)) for origin, waiting in self._idle.items()}
        self._idle = {origin: waiting for origin, waiting in fresh.items() if waiting}
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(SWEEP_SECONDS, self._sweep) if self._idle else None


def _is_fresh(connection: Connection) -> bool:
    """Whether an idle connection may be used; one that is too old is closed."""
    if time.monotonic() - connection.idle_since > IDLE_SECONDS:
        connection.abort()
    return connection.is_open
