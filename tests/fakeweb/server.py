"""The server: a thread with an event loop of its own, bytes in, bytes out, and a log of every request."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

from tests.fakeweb.answers import Answer, Behaviour, Request, Wire
from tests.fakeweb.bad import MISBEHAVIOURS

NOT_FOUND = Answer(404, "<h1>Not found</h1>")
_EPOCH = time.time() - time.monotonic()  # so that times are epoch seconds, yet never jump


def now() -> float:
    """Epoch seconds of a clock that only moves forward."""
    return _EPOCH + time.monotonic()


class Site(Protocol):
    """Anything that answers paths."""

    def answer(self, request: Request) -> Behaviour | None: ...


Route = Callable[[Request], Behaviour]


@dataclass
class Seen:
    """One request in the log. Times are epoch seconds; ``finished`` is None while it is being answered."""

    path: str  # the request target, query included
    method: str
    host: str
    headers: dict[str, str]
    connection: int  # requests with the same number came over one connection
    started: float
    finished: float | None = None
    status: int | None = None
    body: str = ""


@dataclass
class Script:
    """Answers one after the other; the last one again and again."""

    behaviours: Sequence[Behaviour]
    asked: int = 0

    def __call__(self, request: Request) -> Behaviour:
        behaviour = self.behaviours[min(self.asked, len(self.behaviours) - 1)]
        self.asked += 1
        return behaviour


@dataclass
class FakeWeb:
    """A web server on loopback; use it as a context manager.

    Looked up in this order: :meth:`on`'s routes, the sites, robots.txt, ``/odd/NAME`` of MISBEHAVIOURS.
    """

    site: Site | None = None
    host: str = "127.0.0.1"
    port: int = 0
    more_hosts: Sequence[str] = ()  # further addresses to listen on, same port
    tls: ssl.SSLContext | None = None
    latency: float = 0.0  # seconds before every plain answer
    log_file: Path | None = None
    robots: str | Behaviour | None = None  # None: the site's, else 404
    requests: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._routes: dict[str, Route] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fakeweb", daemon=True)
        self._connections: set[_Connection] = set()
        self._log: IO[str] | None = None
        self._servers: list[asyncio.Server] = []
        self.connections_made = 0

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def on(self, path: str, *behaviours: Behaviour) -> str:
        """Answer ``path`` (query not looked at) with these in turn, the last one forever. Returns its URL."""
        self._routes[path] = Script(behaviours)
        return self.url + path

    def route(self, path: str, function: Route) -> str:
        """Let a function (called in the server's thread) choose the answer."""
        self._routes[path] = function
        return self.url + path

    def odd(self, name: str) -> str:
        """The URL of a misbehaviour."""
        assert name in MISBEHAVIOURS, name
        return f"{self.url}/odd/{name}"

    def seen(self, path: str) -> list[Seen]:
        """The log's records of one request target."""
        return [record for record in self.requests if record.path == path]

    def __enter__(self) -> Self:
        self._log = self.log_file.open("w", buffering=1) if self.log_file else None
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        if self._log:
            self._log.close()

    async def _open(self) -> None:
        for host in (self.host, *self.more_hosts):
            server = await self._loop.create_server(
                lambda: _Connection(self), host, self.port, ssl=self.tls, backlog=1024
            )
            self.port = server.sockets[0].getsockname()[1]
            self._servers.append(server)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}  # connections being accepted are among them
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(3):  # connections made just now become known, those that are aborted get lost
            await asyncio.sleep(0)
            for connection in list(self._connections):
                connection.transport.abort()

    def choose(self, request: Request) -> Behaviour:
        """The behaviour that answers a request."""
        if route := self._routes.get(request.path):
            return route(request)
        if request.path == "/robots.txt" and self.robots is not None:
            text = self.robots
            return Answer(body=text, content_type="text/plain") if isinstance(text, str) else text
        if self.site and (behaviour := self.site.answer(request)):
            return behaviour
        if request.path.startswith("/odd/"):
            return MISBEHAVIOURS.get(request.path.removeprefix("/odd/"), NOT_FOUND)
        return NOT_FOUND

    def finished(self, record: Seen, status: int | None) -> None:
        """Complete a record of the log."""
        record.status, record.finished = status, now()
        if self._log:
            self._log.write(json.dumps(asdict(record)) + "\n")


class _Connection(asyncio.Protocol):
    """One client's connection: requests are answered one at a time, in order."""

    def __init__(self, web: FakeWeb) -> None:
        self.web = web
        self.buffer = bytearray()
        self.task: asyncio.Task[None] | None = None
        web.connections_made += 1
        self.number = web.connections_made

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.Transport = transport
        self.wire = Wire(transport)
        self.web._connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.web._connections.discard(self)
        self.wire.writable.set()
        if self.task:
            self.task.cancel()

    def pause_writing(self) -> None:
        self.wire.writable.clear()

    def resume_writing(self) -> None:
        self.wire.writable.set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.buffer[:1].isalpha():  # no method begins so: a TLS handshake, perhaps
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            self.transport.close()
        self._next()

    def _next(self) -> None:
        """Answer the next complete request in the buffer, unless one is being answered."""
        while self.task is None and (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            request = _parse(bytes(self.buffer[:end]))
            size = int(request.headers.get("content-length", 0)) if request.method != "GET" else 0
            if len(self.buffer) < end + 4 + size:
                return
            request = replace(request, body=bytes(self.buffer[end + 4 : end + 4 + size]))
            del self.buffer[: end + 4 + size]
            record = Seen(
                path=request.target,
                method=request.method,
                host=request.headers.get("host", ""),
                headers=request.headers,
                connection=self.number,
                started=now(),
                body=request.body.decode("utf-8", "replace"),
            )
            self.web.requests.append(record)
            self._answer(request, record)

    def _answer(self, request: Request, record: Seen) -> None:
        behaviour = self.web.choose(request)
        if isinstance(behaviour, Answer) and not behaviour.delay and not self.web.latency:
            self.wire.status = None
            self.wire.send(behaviour.encode(request))
            self.web.finished(record, self.wire.status)
        else:
            self.task = self.web._loop.create_task(self._play(behaviour, request, record))

    async def _play(self, behaviour: Behaviour, request: Request, record: Seen) -> None:
        self.wire.status = None
        try:
            await asyncio.sleep(self.web.latency)
            await behaviour.play(request, self.wire)
        except ConnectionError:
            pass  # the client went away, as it may
        finally:
            self.web.finished(record, self.wire.status)
            self.task = None
        self._next()


def _parse(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Request(method, target, headers, head)
