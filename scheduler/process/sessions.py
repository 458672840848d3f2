"""How many fetch sessions a process holds: one of each lane, because a session serves many hosts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from crawler.lanes import Lane

_BUSY = {lane: threading.Lock() for lane in Lane}


@contextmanager
def session_of(lane: Lane) -> Iterator[bool]:
    """True if the caller may hold the lane's session now, False while another thread holds it."""
    free = _BUSY[lane].acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            _BUSY[lane].release()
