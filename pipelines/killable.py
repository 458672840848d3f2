"""A process for one order: it has a time limit and a memory limit, and may be killed.

Orders and answers pass as msgpack over its standard input and output. It knows no settings, no tables and no
network.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from crawler.memory_limit import PARSER_BYTES, limit_memory

SECONDS = 20.0  # for one order
_ROOT = Path(__file__).resolve().parents[1]
Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class ChildKilled(Exception):
    """No answer came within the limits; says why, in words for people."""


def in_child(module: str, order: object, answer: type[Answered]) -> Answered:
    """The answer of a module's process to an order. Raises :class:`ChildKilled`."""
    environment = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}  # and nothing of ours: no address, no secret
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=msgspec.msgpack.encode(order),
            capture_output=True,
            env=environment,
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


def answer_order(order: type[Asked], answer: Callable[[Asked], object]) -> None:
    """In the process: read one order, write one answer."""
    limit_memory(PARSER_BYTES)
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=order)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(asked)))
