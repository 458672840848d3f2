"""A process for one order, or for several: it has a time and a memory limit, and may be killed.

Orders and answers pass as msgpack over its standard input and output. It knows no settings, no tables and no
network.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import IO, Generic, TypeVar

import msgspec

from crawler.memory_limit import PARSER_BYTES, limit_memory

SECONDS = 20.0  # for one order
_ROOT = Path(__file__).resolve().parents[1]
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}  # and nothing of ours: no address, no secret
Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class ChildKilled(Exception):
    """No answer came within the limits; says why, in words for people."""


def in_child(module: str, order: object, answer: type[Answered]) -> Answered:
    """The answer of a module's process to an order. Raises :class:`ChildKilled`."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=msgspec.msgpack.encode(order),
            capture_output=True,
            env=_ENVIRONMENT,
            timeout=SECONDS,
            check=True,
        )
        return msgspec.msgpack.decode(done.stdout, type=answer)
    except subprocess.TimeoutExpired as error:
        raise ChildKilled(f"it took more than {SECONDS:.0f} s") from error
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        why = "it took too much memory" if "MemoryError" in last else last[:300] or "its parser was killed"
        raise ChildKilled(why) from error


class Reader(Generic[Answered]):
    """A process of a module for several orders, begun at the first; one that is killed is begun anew."""

    def __init__(self, module: str, answer: type[Answered]) -> None:
        self._module = module
        self._answer = answer
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, order: object) -> Answered:
        """The answer to an order. Raises :class:`ChildKilled`."""
        process = self._process = self._process or self._begin()
        assert process.stdin and process.stdout
        late = Timer(SECONDS, process.kill)
        late.start()
        try:
            _send(process.stdin, msgspec.msgpack.encode(order))
            answer = _receive(process.stdout)
        except OSError:
            answer = None
        finally:
            late.cancel()
        if answer is None:
            self.close()
            raise ChildKilled("its parser was killed, or took too long or too much memory")
        return msgspec.msgpack.decode(answer, type=self._answer)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            with suppress(OSError):
                self._process.communicate()
            self._process = None

    def _begin(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", self._module]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=_ENVIRONMENT)


def answer_orders(order: type[Asked], answer: Callable[[Asked], object]) -> None:
    """In the process of a :class:`Reader`: answer orders until there are no more."""
    limit_memory(PARSER_BYTES)
    while (data := _receive(sys.stdin.buffer)) is not None:
        _send(sys.stdout.buffer, msgspec.msgpack.encode(answer(msgspec.msgpack.decode(data, type=order))))


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(8, "big") + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes | None:
    """What the other side sent; None when it has ended."""
    length = stream.read(8)
    data = stream.read(int.from_bytes(length, "big")) if len(length) == 8 else None
    return data if data is not None and len(data) == int.from_bytes(length, "big") else None


def answer_order(order: type[Asked], answer: Callable[[Asked], object]) -> None:
    """In the process: read one order, write one answer."""
    limit_memory(PARSER_BYTES)
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=order)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(asked)))
