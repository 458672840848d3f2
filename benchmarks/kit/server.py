"""The web server of the benches: one process, epoll, answers that are ready in the web's file.

It needs about 0.1 ms of CPU a page, so that it never limits a crawler. It can wait before each answer,
and it notes when each request came and when the last bytes of its answer were sent.
"""

from __future__ import annotations

import array
import contextlib
import multiprocessing
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.kit.site import END, ROBOTS, Web, path
from scheduler.process.lifeline import die_with_parent

BACKLOG = 1024
SEND_BUFFER = 262_144  # bytes; most answers leave with one call
READ = 65_536
_ROBOTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (
    len(ROBOTS),
    ROBOTS,
)
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\nnot found"
_HUNG_UP = select.EPOLLHUP | select.EPOLLERR

Answer = Sequence[memoryview]


@dataclass(slots=True)
class Client:
    """A connection, and what is being answered on it."""

    socket: socket.socket
    answers: dict[bytes, Answer]  # by request target
    site: int
    asked_at: float = 0.0
    sent_at: float = 0.0  # when its last bytes went to the kernel: after that, the client may run before us
    page: bool = False  # what is being answered is a page, not robots.txt
    unsent: bytes = b""  # the part of an answer that the socket did not take at once


class RequestLog:
    """The server's log of pages as parallel arrays; times are seconds of ``time.monotonic``."""

    def __init__(self) -> None:
        self.site = array.array("i")
        self.asked = array.array("d")
        self.answered = array.array("d")

    def save(self, file: Path) -> None:
        with file.open("wb") as out:
            for column in (self.site, self.asked, self.answered):
                column.tofile(out)

    @classmethod
    def load(cls, file: Path) -> RequestLog:
        requests = cls()
        rows = file.stat().st_size // (requests.site.itemsize + 2 * requests.asked.itemsize)
        with file.open("rb") as data:
            for column in (requests.site, requests.asked, requests.answered):
                column.fromfile(data, rows)
        return requests


class Server:
    """Serves a web on its loopback addresses until told to stop."""

    def __init__(self, web: Web, latency: float) -> None:
        self._latency = latency
        self._epoll = select.epoll()
        self._listeners: dict[int, tuple[socket.socket, int]] = {}
        self._clients: dict[int, Client] = {}
        self._waiting: deque[tuple[float, Client, Answer]] = deque()  # all wait equally long
        self._answers = [_answers(web, site) for site in range(len(web.sites))]
        self._now = 0.0
        self.requests = RequestLog()
        self.stopping = False
        self.port = self._listen(web)

    def _listen(self, web: Web) -> int:
        """Bind every address to one port."""
        port = 0
        for number, site in enumerate(web.sites):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((site.address, port))
            port = listener.getsockname()[1]
            listener.listen(BACKLOG)
            listener.setblocking(False)
            self._listeners[listener.fileno()] = (listener, number)
            self._epoll.register(listener, select.EPOLLIN)
        return port

    def serve(self) -> None:
        """Answer until ``stopping`` is set (by a signal)."""
        while not self.stopping:
            events_now = self._epoll.poll(self._patience())
            self._now = time.monotonic()
            for number, events in events_now:
                if number in self._listeners:
                    self._accept(*self._listeners[number])
                elif events & _HUNG_UP:
                    self._drop(self._clients[number])
                elif events & select.EPOLLOUT:
                    self._go_on(self._clients[number])
                else:
                    self._read(self._clients[number])
            while self._waiting and self._waiting[0][0] <= self._now:
                _, client, answer = self._waiting.popleft()
                self._send(client, answer)

    def save(self, log: Path) -> None:
        """Write the log into a file."""
        self.requests.save(log)

    def _patience(self) -> float:
        """Seconds until the next answer is due."""
        return max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else 1.0

    def _accept(self, listener: socket.socket, site: int) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = listener.accept()
                connection.setblocking(False)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._clients[connection.fileno()] = self._welcome(connection, site)
                self._epoll.register(connection, select.EPOLLIN)

    def _welcome(self, connection: socket.socket, site: int) -> Client:
        return Client(connection, self._answers[site], site)

    def _read(self, client: Client) -> None:
        """Requests come in one piece, with hardly an exception: none has a body, and none is pipelined."""
        try:
            data = client.socket.recv(READ)
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        client.asked_at = self._now
        answer = self._answer(client, data.split(b" ", 2)[1])
        if self._latency:
            self._waiting.append((client.asked_at + self._latency, client, answer))
        else:
            self._send(client, answer)

    def _answer(self, client: Client, target: bytes) -> Answer:
        client.page = target in client.answers
        return client.answers.get(target) or [memoryview(_ROBOTS if target == b"/robots.txt" else _NOT_FOUND)]

    def _send(self, client: Client, answer: Answer) -> None:
        client.sent_at = time.monotonic()
        try:
            sent = client.socket.sendmsg(answer)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(client)
            return
        if sent < sum(map(len, answer)):
            client.unsent = b"".join(answer)[sent:]
            self._epoll.modify(client.socket, select.EPOLLIN | select.EPOLLOUT)
        else:
            self._note(client)

    def _go_on(self, client: Client) -> None:
        client.sent_at = time.monotonic()
        try:
            client.unsent = client.unsent[client.socket.send(client.unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)
            return
        if not client.unsent:
            self._epoll.modify(client.socket, select.EPOLLIN)
            self._note(client)

    def _note(self, client: Client) -> None:
        if client.page:
            self.requests.site.append(client.site)
            self.requests.asked.append(client.asked_at)
            self.requests.answered.append(client.sent_at)

    def _drop(self, client: Client) -> None:
        self._clients.pop(client.socket.fileno(), None)
        client.socket.close()


def _answers(web: Web, site: int) -> dict[bytes, Answer]:
    view = memoryview(web.bytes)
    return {
        path(number).encode(): (view[slice(*page.own)], view[slice(*page.prose)], memoryview(END))
        for number, page in enumerate(web.sites[site].pages)
    }


@dataclass(frozen=True)
class Serving:
    """A running server."""

    pid: int
    port: int
    log: Path


@contextlib.contextmanager
def serving(web: Web, log: Path, latency: float = 0.0, kind: type[Server] = Server) -> Iterator[Serving]:
    """Serve a web in a process of its own; afterwards the log is in the file.

    Args:
        latency: seconds from a request to its answer.
    """
    receiver, sender = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_run, args=(kind, web, latency, log, sender))
    process.start()
    try:
        yield Serving(process.pid or 0, receiver.recv(), log)
    finally:
        process.terminate()
        process.join()


def _run(kind: type[Server], web: Web, latency: float, log: Path, ready: Connection) -> None:
    die_with_parent()
    server = kind(web, latency)

    def stop(*_: object) -> None:
        server.stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready.send(server.port)
    server.serve()
    server.save(log)
