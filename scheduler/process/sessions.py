"""How many fetch sessions a process holds: one of each lane that serves hosts, because it serves many.

One whose time is up may wait long for its slowest servers; another serves meanwhile. All are bounded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from crawler.lanes import Lane

SESSIONS = 3  # of a lane, those that wait for their last answers included: each takes a thread of a worker

_SERVING = {lane: threading.Semaphore() for lane in Lane}
_HELD = {lane: threading.Semaphore(SESSIONS) for lane in Lane}


@contextmanager
def session_of(lane: Lane) -> Iterator[Callable[[], None] | None]:
    """For one session of the lane: what lets the next one begin before its end. None if it may not begin."""
    with ExitStack() as held, ExitStack() as serving:
        if _take(_HELD[lane], held) and _take(_SERVING[lane], serving):
            yield serving.close
        else:
            yield None


def _take(places: threading.Semaphore, until_closed: ExitStack) -> bool:
    if not places.acquire(blocking=False):
        return False
    until_closed.callback(places.release)
    return True
