"""An ASGI application around a WSGI one: no request holds a thread while its client sends or reads.

The body of a request is read before a thread is asked for. A streamed answer is produced block by block;
while the client reads one, no thread waits. A client that reads nothing for a time is cut off, and so is one
whose answer fails on the way: the server ends a connection whose answer has no end, so nobody takes a part
for the whole (RFC 9112, section 8).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from wsgiref.types import WSGIApplication

from djsite.front.threads import Busy, Threads
from djsite.front.wsgi_call import RawHeaders, WsgiCall, environ_of

log = logging.getLogger(__name__)
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
MAX_BODY = 3_000_000  # bytes; Django refuses forms from 2.5 MB on, and the site takes no files
SMALL_BODY = 65_536  # bytes; of larger ones only LARGE_BODIES are read at a time, so that memory is bounded
LARGE_BODIES = 8
BODY_SECONDS = 30.0  # that a client has to send a body
PIECE = 65_536  # bytes that are sent at once: the server holds some pieces for a client who does not read


class Refusal(NamedTuple):
    """An answer that needs no application."""

    status: int
    text: str


TOO_LARGE = Refusal(413, "That is more than this site takes in one request.\n")
TOO_SLOW = Refusal(408, "The request did not arrive in time.\n")
TOO_BUSY = Refusal(503, "The site has too much to do at the moment. Try again in some seconds.\n")


class Bridge:
    """``application`` in the threads that ``threads_of`` names for a path.

    ``send_seconds`` is how long a client may leave a block unread.
    """

    def __init__(
        self, application: WSGIApplication, threads_of: Callable[[str], Threads], send_seconds: float
    ) -> None:
        self._application = application
        self._threads_of = threads_of
        self._send_seconds = send_seconds
        self._large_bodies = asyncio.Semaphore(LARGE_BODIES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await asyncio.wait_for(self._body(receive), BODY_SECONDS)
        except TimeoutError:
            return await _refuse(send, TOO_SLOW)
        if body is None:
            return None
        if len(body) > MAX_BODY:
            return await _refuse(send, TOO_LARGE)
        left = asyncio.ensure_future(receive())  # what follows a body is the end of the connection
        try:
            await self._answer(scope, body, left, send)
        finally:
            left.cancel()

    async def _body(self, receive: Receive) -> bytes | None:
        """The body of a request, not read much further than MAX_BODY; None when its client has left."""
        body, ended = await _read(receive, bytearray(), SMALL_BODY)
        if not ended:
            async with self._large_bodies:
                body, _ = await _read(receive, body, MAX_BODY)
        return None if body is None else bytes(body)

    async def _answer(self, scope: Scope, body: bytes, left: asyncio.Future[Any], send: Send) -> None:
        threads = self._threads_of(scope["path"])

        def begin() -> tuple[WsgiCall, bytes | None] | None:
            if left.done():
                return None
            call = WsgiCall(self._application, environ_of(scope, body))
            return call, None if call.streamed else call.whole()

        try:
            begun = await threads.begin(begin)
        except Busy:
            return await _refuse(send, TOO_BUSY)
        if begun is None:
            return None
        call, content = begun
        if content is None:
            return await self._stream(call, threads, left, send, head=scope["method"] == "HEAD")
        return await _send_whole(send, call.status, call.headers, content)

    async def _stream(
        self, call: WsgiCall, threads: Threads, left: asyncio.Future[Any], send: Send, *, head: bool
    ) -> None:
        try:
            await send({"type": "http.response.start", "status": call.status, "headers": call.headers})
            while not head and (block := await threads.run(call.next_block)) is not None:
                for begin in range(0, len(block), PIECE):
                    if left.done():
                        return
                    piece = block[begin : begin + PIECE]
                    message = {"type": "http.response.body", "body": piece, "more_body": True}
                    await asyncio.wait_for(send(message), self._send_seconds)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.warning("A client read nothing for %g seconds and was cut off", self._send_seconds)
        finally:
            await asyncio.shield(threads.run(call.close))


async def _read(receive: Receive, body: bytearray | None, most: int) -> tuple[bytearray | None, bool]:
    """``body`` and what comes next, to about ``most`` bytes, and if that is all; None: the client left."""
    while body is not None and len(body) <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None, True
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body, True
    return body, False


async def _refuse(send: Send, refusal: Refusal) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await _send_whole(send, refusal.status, headers, refusal.text.encode())


async def _send_whole(send: Send, status: int, headers: RawHeaders, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
