"""Forks wait while a thread uses the database: a pool of processes is forked from a worker with threads.

A child that is forked during a transaction inherits SQLite's notes about the locks of its own process. For
its whole life it takes the file for locked, and no thread in it will ever unlock it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_using = threading.Lock()

os.register_at_fork(before=_using.acquire, after_in_parent=_using.release, after_in_child=_using.release)


@contextmanager
def no_fork() -> Iterator[None]:
    """While entered, forks of this process wait. Connections opened inside must be closed inside."""
    with _using:
        yield


@contextmanager
def no_fork_soon(seconds: float) -> Iterator[bool]:
    """:func:`no_fork`, or False when another thread stays in there for longer than ``seconds``."""
    entered = _using.acquire(timeout=seconds)
    try:
        yield entered
    finally:
        if entered:
            _using.release()
