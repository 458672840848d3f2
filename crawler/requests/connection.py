"""One connection to a server, one exchange at a time (RFC 9112). What it holds of an answer is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias, cast

import httpx
from httptools import HttpParserError

from crawler.requests.exchange import first_header
from crawler.requests.llhttp import decoded, explain, lenient_parser

MAX_FRAMING_BYTES = 262144  # received without a byte of a body, as a head is
FRAMING_A_BYTE = 16  # further ones for each byte of a body: chunks may be small, not what is around them
MAX_INTERIM = 8  # 1xx answers before the final one
DRAIN_BYTES = 65536  # an unread body up to this size is drained to keep its connection
DRAIN_SECONDS = 1.0

_NO_BODY = frozenset((204, 304))  # RFC 9112 section 6.3

Hook: TypeAlias = "Callable[[Connection], None]"


class Connection(asyncio.BufferedProtocol):
    """Made by a dialer. ``free`` and ``lost`` are called when it can be used again, and when it is closed."""

    def __init__(self, buffer: memoryview, free: Hook, lost: Hook) -> None:
        self._buffer = buffer  # shared by the connections of a loop: what it holds is parsed at once
        self._free = free
        self._lost = lost
        self._response = Response(self)  # of the exchange under way, or complete
        self._response.complete = True
        self._interim = 0  # 1xx answers to the request so far
        self._framing = 0  # bytes received, less what the body so far explains
        self._fields: list[tuple[bytes, bytes]] = []  # of the head that is arriving
        self._paused = False
        self._persists = False  # RFC 9112 section 9.3, by the last complete answer
        self._parser = lenient_parser(self)
        self.began = False  # whether anything has come in answer to the last request
        self.idle_since = 0.0  # monotonic

    # used by the pool ---------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    async def ask(self, head: bytes) -> Response:
        """Send a request, and wait for the head of its final answer.

        Raises:
            httpx.ReadError: the connection ended first.
            httpx.RemoteProtocolError: what came is no answer.
        """
        self._interim = self._framing = 0
        self._persists = self.began = False
        response = self._response = Response(self)
        if not self.is_open:
            raise httpx.ReadError("the server closed the connection before its answer")
        try:
            self._transport.write(head)
            await response.head_arrives()
        except BaseException:  # also if the caller gives up just now
            self.abort()
            raise
        return response

    def abort(self) -> None:
        """Close at once; what was not sent or read is dropped."""
        self._transport.abort()

    # used by the response -----------------------------------------------------------------------------

    def pause(self) -> None:
        """Let the server wait (TCP's flow control)."""
        if not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._paused:
            self._paused = False
            self._transport.resume_reading()

    def end_exchange(self) -> None:
        """The response is read or given up."""
        if self._persists and self.is_open:
            self._free(self)
        else:
            self._transport.abort()

    # called by the event loop -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.peer: str = peer[0] if peer else ""  # it may be gone already

    def get_buffer(self, size: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, count: int) -> None:
        response = self._response
        if response.complete:
            self._transport.abort()  # nobody asked for it, so it is never taken for an answer
            return
        self._framing += count
        try:
            self._parser.feed_data(self._buffer[:count])
            if self._framing > MAX_FRAMING_BYTES:
                raise httpx.RemoteProtocolError(f"more than {MAX_FRAMING_BYTES} bytes without a body")
        except httpx.RemoteProtocolError as error:
            self._refuse(response, str(error))
        except HttpParserError as error:
            self._refuse(response, explain(error, b"" if self.began else bytes(self._buffer[:count])))
        self.began = True
        response.has_grown()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost(self)
        self._response.connection_ends(error)

    def _refuse(self, response: Response, sentence: str) -> None:
        """Give the connection up: this is not HTTP."""
        self._persists = False
        self._transport.abort()
        if not (response.complete and response.status in _NO_BODY):  # with a body that must not be there
            response.breaks_rules(sentence)

    # called by the parser -----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._fields = []
        if self._response.complete:  # an answer that nobody asked for, behind ours: it goes nowhere
            self._transport.abort()
            self._response = Response(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name, value))  # trailer fields too, which nobody reads (RFC 9110 section 6.5.1)

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            self._count_interim(status)
        else:
            self._response.headers = decoded(self._fields)
            self._response.status = status

    def _count_interim(self, status: int) -> None:
        self._interim += 1
        if status == 101:
            raise httpx.RemoteProtocolError("the server switched protocols without being asked")
        if status < 100:
            raise httpx.RemoteProtocolError(f"{status:03} is no status")
        if self._interim > MAX_INTERIM:
            raise httpx.RemoteProtocolError("too many interim answers")

    def on_body(self, piece: bytes) -> None:
        self._framing = max(0, self._framing - FRAMING_A_BYTE * len(piece))
        self._response.add(piece)

    def on_message_complete(self) -> None:
        if self._response.status:
            self._persists = self._parser.should_keep_alive()
            self._response.complete = True


class Response:
    """What has arrived of one answer. Its connection is free again when it is closed."""

    __slots__ = (
        "_connection",
        "_enough",
        "_failure",
        "_pieces",
        "_reader",
        "_size",
        "_touched",
        "complete",
        "headers",
        "status",
    )

    def __init__(self, connection: Connection) -> None:
        self.status = 0  # until the head of the final answer has arrived
        self.headers: tuple[tuple[str, str], ...] = ()  # lower-case names, values as Latin-1
        self.complete = False
        self._connection = connection
        self._failure: httpx.TransportError | None = None
        self._pieces: list[bytes] = []  # of the body, not yet taken
        self._size = 0  # of these pieces
        self._reader: asyncio.Future[None] | None = None  # set while somebody waits
        self._enough = -1  # the reader is woken when more bytes than this are here
        self._touched = False

    async def head_arrives(self) -> None:
        """Wait until ``status`` and ``headers`` are known. Raises what :meth:`Connection.ask` does."""
        await self._wait(-1)
        self._enough = 0
        if not self.status and self._failure is not None:
            raise self._failure

    async def read(self, limit: int) -> bytes:
        """All the rest of the body; of a longer one the next bytes, more than ``limit``. Empty at its end.

        Raises:
            httpx.ReadError: the connection ended first.
            httpx.RemoteProtocolError: its framing is broken.
        """
        self._touched = True
        if not self.complete and self._failure is None and self._size <= limit:
            await self._wait(limit)
        if self._failure is not None and self._size <= limit:
            raise self._failure
        body = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return body

    async def aclose(self) -> None:
        """Keep the connection if the body was read, or is short and arrives soon; else close it."""
        try:
            if not (self._touched or self.complete):
                await self._drain()
        finally:
            self._pieces.clear()
            self._connection.end_exchange()

    async def _drain(self) -> None:
        """Read and drop a body of up to DRAIN_BYTES: cheaper for both sides than another connection."""
        length = first_header(self.headers, "content-length")
        if length.isdecimal() and int(length) > DRAIN_BYTES:
            return
        with suppress(TimeoutError, httpx.TransportError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.read(DRAIN_BYTES)

    async def _wait(self, enough: int) -> None:
        self._enough = enough
        self._connection.resume()
        self._reader = asyncio.get_running_loop().create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    # called by the connection -------------------------------------------------------------------------

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)

    def has_grown(self) -> None:
        """Wake the reader if that is worth it. While there is none, no more than DRAIN_BYTES are taken."""
        if self._reader is None:
            if self._size > DRAIN_BYTES and not self.complete:
                self._connection.pause()
        elif not self._reader.done() and self._is_enough():
            self._reader.set_result(None)

    def _is_enough(self) -> bool:
        """Whether what the reader waits for is here, or will never be."""
        if self.complete or self._failure is not None:
            return True
        return self.status > 0 and self._size > self._enough

    def connection_ends(self, error: Exception | None) -> None:
        """The last byte has come: this is the end of the body, or of the attempt."""
        if self.complete or self._failure is not None:
            return
        if error is None and self.status and self._ends_with_connection():
            self.complete = True
        else:
            sentence = f"the server closed the connection {self._progress()}"
            self._failure = httpx.ReadError(str(error or sentence))
        self.has_grown()

    def breaks_rules(self, sentence: str) -> None:
        """End with this failure. Together with the head it leaves nothing of the answer."""
        self._failure = httpx.RemoteProtocolError(sentence)
        if self._enough < 0:
            self.status = 0

    def _ends_with_connection(self) -> bool:
        """Whether the end of the connection is the end of the body (RFC 9112 section 6.3, rules 4 and 8)."""
        codings = [value for name, value in self.headers if name == "transfer-encoding"]
        if codings:
            return not codings[-1].lower().endswith("chunked")
        return not any(name == "content-length" for name, _ in self.headers)

    def _progress(self) -> str:
        if self.status:
            length = first_header(self.headers, "content-length")
            return f"after {self._size} {f'of {length} ' if length else ''}bytes of the body"
        return "inside the head of its answer" if self._connection.began else "before its answer"
