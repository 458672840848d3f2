"""What the fake web can answer: plain answers here, misbehaviour in a module of its own."""

from __future__ import annotations

import asyncio
import http
from dataclasses import dataclass
from email.utils import formatdate


@dataclass(frozen=True)
class Request:
    """A request as it arrived. Header names are lower-case; ``raw`` is its head, byte for byte."""

    method: str
    target: str
    headers: dict[str, str]
    raw: bytes = b""
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class Wire:
    """The connection as a behaviour sees it: bytes out, and ways to end it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.status: int | None = None
        self.writable = asyncio.Event()
        self.writable.set()

    def send(self, data: bytes) -> None:
        if self.status is None and data.startswith(b"HTTP/1.") and data[9:12].isdigit():
            self.status = int(data[9:12])
        self.transport.write(data)

    async def drain(self) -> None:
        """Wait until the client has taken most of what was sent. Raises ConnectionError if it is gone."""
        await self.writable.wait()
        if self.transport.is_closing():
            raise ConnectionResetError("the client closed the connection")

    def close(self) -> None:
        """An orderly end (FIN), after what was sent."""
        self.transport.close()

    def reset(self) -> None:
        """A reset (RST)."""
        self.transport.abort()


class Behaviour:
    """One way to answer a request."""

    async def play(self, request: Request, wire: Wire) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Answer(Behaviour):
    """A correct answer. ``body`` as text is sent as UTF-8.

    With ``etag`` or ``modified`` (epoch seconds) a conditional request that still matches gets a 304.
    """

    status: int = 200
    body: str | bytes = b""
    content_type: str | None = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    etag: str = ""
    modified: float | None = None
    delay: float = 0.0  # seconds before the answer

    def encode(self, request: Request) -> bytes:
        if self._matches(request):
            return _head(304, self._validators()) + b"\r\n"
        body = self.body.encode() if isinstance(self.body, str) else self.body
        fields = [*self._validators(), *self.headers, ("Content-Length", str(len(body)))]
        if self.content_type is not None:
            fields.append(("Content-Type", self.content_type))
        return _head(self.status, fields) + b"\r\n" + (b"" if request.method == "HEAD" else body)

    async def play(self, request: Request, wire: Wire) -> None:
        await asyncio.sleep(self.delay)
        wire.send(self.encode(request))
        await wire.drain()

    def _validators(self) -> list[tuple[str, str]]:
        fields = []
        if self.etag:
            fields.append(("ETag", self.etag))
        if self.modified is not None:
            fields.append(("Last-Modified", formatdate(self.modified, usegmt=True)))
        return fields

    def _matches(self, request: Request) -> bool:
        """RFC 9110 section 13.2.2: an entity tag counts more than a date."""
        if self.status != 200:
            return False
        if asked := request.headers.get("if-none-match"):
            return bool(self.etag) and self.etag in asked
        since = request.headers.get("if-modified-since")
        return self.modified is not None and since == formatdate(self.modified, usegmt=True)


def _head(status: int, fields: list[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_phrase(status)}", *(f"{name}: {value}" for name, value in fields), ""]
    return "\r\n".join(lines).encode("utf-8")


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unheard Of"


def redirect(location: str, status: int = 302) -> Answer:
    return Answer(status, "<p>elsewhere", headers=(("Location", location),))
