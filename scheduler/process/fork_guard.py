"""A pool of processes is forked from a worker that has threads: never while one of them uses the database.

A child forked in the middle of a transaction inherits what SQLite remembers of locks in its own process. It
takes the file for locked for as long as it lives, and nobody there will ever free it.
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
    """While entered, forks of this process wait. Connections made must be closed before the end."""
    with _using:
        yield
