"""Starts the processes of extractors, gives them pages, and ends those that take too long.

A parser keeps the process of each extractor that it uses, so that nothing is loaded twice. An extractor that
uses up the time of a parser gets little time a page, so that no batch is lost by it.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import subprocess
import sys
import time
from collections import OrderedDict, deque
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from crawler.reading.own_code import names
from crawler.reading.own_code.child import LENGTH, LOAD_SECONDS, SECONDS, Hello
from crawler.reading.own_code.page import PageOrder
from crawler.reading.own_code.results import Results

MAX_SERVERS = 4  # processes that a parser keeps
WINDOW = 60.0  # seconds: the time that a parser has for a batch
BUDGET, MOST = 20.0, 35.0  # seconds of these that an extractor may use at full length, and at all
SHORT_SECONDS = 0.2  # for a page, after that
MAX_ANSWER = 50_000_000  # bytes
_ROOT = Path(__file__).resolve().parents[3]
_CHUNK = 1 << 16

Key = tuple[str, str, Path]  # name, the version that was asked for, folder


class _Ended(Exception):
    """The process did not answer: a sentence says why."""


class Server:
    """The process of one extractor."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "crawler.reading.own_code.child", name, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
        )
        for stream in (self._input, self._output):
            os.set_blocking(stream.fileno(), False)
        self.hello = Hello("")

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def load(self) -> None:
        """Wait until it has loaded its extractor, or says why it cannot."""
        deadline = time.monotonic() + LOAD_SECONDS
        try:
            self.hello = msgspec.msgpack.decode(self._read(deadline), type=Hello)
        except _Ended as error:
            self.hello = Hello("", f"The extractor {self._name!r} cannot be loaded: {error}.")
            self.end()

    def read(self, order: PageOrder, seconds: float) -> Results:
        """What it yields of a page. Raises :class:`_Ended`, after which the process is gone."""
        message = msgspec.msgpack.encode(order)
        deadline = time.monotonic() + seconds
        try:
            self._write(LENGTH.pack(len(message)) + message, deadline)
            return msgspec.msgpack.decode(self._read(deadline), type=Results)
        except _Ended as error:
            raise _Ended(f"The extractor {self._name!r} was ended: {error}") from error

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._output.close()
        with suppress(BrokenPipeError):  # it had ended with some of a page unread
            self._input.close()

    def _write(self, message: bytes, deadline: float) -> None:
        left = memoryview(message)
        while left:
            self._wait([], [self._input], deadline)
            try:
                left = left[os.write(self._input.fileno(), left[:_CHUNK]) :]
            except BrokenPipeError as error:
                raise _Ended(self._how()) from error

    def _read(self, deadline: float) -> bytes:
        length = LENGTH.unpack(self._exactly(LENGTH.size, deadline))[0]
        if length > MAX_ANSWER:
            raise _Ended("it answers with too much")
        return self._exactly(length, deadline)

    def _exactly(self, size: int, deadline: float) -> bytes:
        got = bytearray()
        while len(got) < size:
            self._wait([self._output], [], deadline)
            part = os.read(self._output.fileno(), min(size - len(got), _CHUNK))
            if not part:
                raise _Ended(self._how())
            got += part
        return bytes(got)

    def _wait(self, reads: list[Any], writes: list[Any], deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not any(select.select(reads, writes, [], left)):
            raise _Ended("it took too long")

    def _how(self) -> str:
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "its output was closed"
        return f"its process ended ({signal.Signals(-status).name if status < 0 else f'status {status}'})"


class Servers:
    """The extractors that this process uses."""

    def __init__(self) -> None:
        self._running: OrderedDict[Key, Server] = OrderedDict()
        self._used: dict[Key, deque[tuple[float, float]]] = {}  # when, and how long, of late

    def read(self, name: str, code: str, order: PageOrder) -> tuple[Results, str]:
        """What an extractor yields of a page, and the version that it was."""
        key = (name, code, names.folder())
        started = time.monotonic()
        try:
            seconds = self._seconds(key, started)
            server = self._server(key)
            if server.hello.problem:
                return Results(problem=server.hello.problem, trace=server.hello.trace), server.hello.code
            return server.read(order, seconds), server.hello.code
        except _Ended as error:
            self._drop(key)
            return Results(problem=f"{error}."), code
        finally:
            now = time.monotonic()
            self._used.setdefault(key, deque()).append((now, now - started))

    def _server(self, key: Key) -> Server:
        if (server := self._running.get(key)) is None:
            while len(self._running) >= MAX_SERVERS:
                self._running.popitem(last=False)[1].end()
            name, _, folder = key
            server = self._running[key] = Server(name, folder)
            server.load()
        self._running.move_to_end(key)
        return server

    def _seconds(self, key: Key, now: float) -> float:
        used = self._used.setdefault(key, deque())
        while used and used[0][0] < now - WINDOW:
            used.popleft()
        total = sum(seconds for _, seconds in used)
        if total >= MOST:
            raise _Ended(
                f"The extractor {key[0]!r} was not run: its last pages took all the time of a parser"
            )
        return SECONDS if total < BUDGET else SHORT_SECONDS

    def _drop(self, key: Key) -> None:
        if (server := self._running.pop(key, None)) is not None:
            server.end()

    def end(self) -> None:
        """End all processes."""
        for key in list(self._running):
            self._drop(key)


SERVERS = Servers()
atexit.register(SERVERS.end)
