"""How many fetch sessions a process holds: one of each lane that serves hosts, because it serves many.

One whose time is up may wait long for its slowest servers; another serves meanwhile. All are bounded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings

from catalog.clock import db_now
from crawler.lanes import Lane
from pipelines.fetch.plan import Plan
from pipelines.frontier import hosts
from scheduler.chains import publish
from scheduler.process.shutdown import STOPPING
from scheduler.wakeups import call_session, wake

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


def plan_of(lane: Lane, owner: str, leave: Callable[[], None]) -> Plan:
    """Of a session of this worker; ``leave`` is what lets the next one of the lane begin in this process."""

    def make_room() -> None:
        leave()
        if hosts.claimable(plan.max_rank, db_now()):  # only now can a new one begin
            call_session(lane)

    plan = Plan(lane, owner, publish, STOPPING.is_set, settings.SESSION_SECONDS, wake, make_room)
    return plan
