"""One connection to a server: bytes in and out, one exchange at a time (RFC 9112).

llhttp reads the answers, as leniently as browsers do where that cannot be abused. What is held of an answer
is bounded: its head by the limits below, its body by what its reader asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import cast

import httpx
from httptools import HttpParserError, HttpResponseParser

from crawler.requests.exchange import first_header

MAX_FIELD_BYTES = 32768  # one header field
MAX_FIELDS = 128
MAX_FRAMING_BYTES = 262144  # received one after the other without a byte of a body, as a head is
MAX_INTERIM = 8  # 1xx answers before the final one
DRAIN_BYTES = 65536  # an unread body up to this size is drained to keep its connection
DRAIN_SECONDS = 1.0

_NO_BODY = frozenset((204, 304))  # RFC 9112 section 6.3


class Connection(asyncio.Protocol):
    """Made by a dialer. ``free`` and ``lost`` are called when it can be used again, and when it is closed."""

    def __init__(self, free: Callable[[Connection], None], lost: Callable[[Connection], None]) -> None:
        self._free = free
        self._lost = lost
        self._response: Response | None = None  # of the exchange under way
        self._interim = 0  # 1xx answers to the request so far
        self._framing = 0  # bytes since the last byte of a body
        self._paused = False
        self._persists = False  # RFC 9112 section 9.3, by the last complete answer
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_version=True,  # RFC 9110 section 2.5: a higher minor version is read as ours
            lenient_optional_cr_before_lf=True,  # RFC 9112 section 2.2
            lenient_spaces_after_chunk_size=True,
        )
        self.began = False  # whether anything has come in answer to the last request
        self.idle_since = 0.0  # monotonic

    # used by the pool ---------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    async def ask(self, head: bytes) -> Response:
        """Send a request without a body, and wait for the head of its final answer.

        Raises:
            httpx.ReadError: the connection ended first.
            httpx.RemoteProtocolError: what came is no answer.
        """
        response = self._response = Response(self)
        self._interim = self._framing = 0
        self._persists = self.began = False
        try:
            self._transport.write(head)
            await response.head_arrives()
        except BaseException:
            self.abort()
            raise
        return response

    def abort(self) -> None:
        """Close at once; what was not sent or read is dropped."""
        self._response = None
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
        self._response = None
        if self._persists and self.is_open:
            self._free(self)
        else:
            self._transport.abort()

    # called by the event loop -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.peer: str = transport.get_extra_info("peername")[0]

    def data_received(self, data: bytes) -> None:
        response = self._response
        if response is None or response.complete:
            self._transport.abort()  # nobody asked for it, so it is never taken for an answer
            return
        self.began = True
        self._framing += len(data)
        try:
            self._parser.feed_data(data)
            if self._framing > MAX_FRAMING_BYTES:
                raise httpx.RemoteProtocolError(f"more than {MAX_FRAMING_BYTES} bytes without a body")
        except (HttpParserError, httpx.RemoteProtocolError) as error:
            self._refuse(response, error)
        response.has_grown()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost(self)
        if self._response is not None:
            self._response.connection_ends(error)

    def _refuse(self, response: Response, error: Exception) -> None:
        """Give the connection up: this is not HTTP."""
        self._persists = False
        self._transport.abort()
        if not (response.complete and response.status in _NO_BODY):  # with a body that must not be there
            cause = error.__context__ or error  # the parser wraps what a callback raises
            response.breaks_rules(" ".join(str(cause).split())[:200])

    # called by the parser -----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._now.complete:  # an answer that nobody asked for, directly behind ours: it goes nowhere
            self._transport.abort()
            self._response = Response(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        response = self._now
        if response.status:
            return  # a trailer field: we need none (RFC 9110 section 6.5.1)
        if len(name) + len(value) > MAX_FIELD_BYTES:
            raise httpx.RemoteProtocolError(f"a header field of more than {MAX_FIELD_BYTES} bytes")
        if b"\0" in value:
            raise httpx.RemoteProtocolError("a header field with a null byte")
        response.headers.append((name.lower().decode("latin-1"), value.rstrip(b" \t").decode("latin-1")))

    def on_headers_complete(self) -> None:
        response = self._now
        if len(response.headers) > MAX_FIELDS:
            raise httpx.RemoteProtocolError(f"more than {MAX_FIELDS} header fields")
        status = self._parser.get_status_code()
        if status >= 200:
            response.status = status
        else:
            response.headers.clear()
            self._count_interim(status)

    def _count_interim(self, status: int) -> None:
        self._interim += 1
        if status == 101:
            raise httpx.RemoteProtocolError("the server switched protocols without being asked")
        if status < 100:
            raise httpx.RemoteProtocolError(f"{status:03} is no status")
        if self._interim > MAX_INTERIM:
            raise httpx.RemoteProtocolError("too many interim answers")

    def on_body(self, piece: bytes) -> None:
        self._framing = 0
        self._now.add(piece)

    def on_message_complete(self) -> None:
        response = self._now
        if response.status:
            self._persists = self._parser.should_keep_alive()
            response.complete = True

    @property
    def _now(self) -> Response:
        assert self._response is not None  # the parser is fed during an exchange only
        return self._response


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
        self.headers: list[tuple[str, str]] = []  # lower-case names, values as Latin-1
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
        elif self.complete or self._failure is not None or (self.status and self._size > self._enough):
            if not self._reader.done():
                self._reader.set_result(None)

    def connection_ends(self, error: Exception | None) -> None:
        """The last byte has come: this is the end of the body, or of the attempt."""
        if self.complete or self._failure is not None:
            return
        if error is None and self.status and self._ends_with_connection():
            self.complete = True
        elif error is None:
            self._failure = httpx.ReadError(f"the server closed the connection {self._progress()} its answer")
        else:
            self._failure = httpx.ReadError(str(error) or type(error).__name__)
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
        return "inside" if self._connection.began else "before"
