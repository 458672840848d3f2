"""Ends a worker whose main loop stands still, so that whoever started it starts it again.

After an outage of Redis, Celery 5.7's loop can wait for ever: for an answer on a connection that is gone, or
for a child of its pool that died meanwhile. The process lives on and works no more. The loop ticks, by a
timer of its own; a thread sees to it that it did.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import threading
import time

from django.conf import settings

from scheduler.process import shutdown
from scheduler.process.fork_guard import no_fork
from scheduler.redis_server import AWAY, BROKER, client

TICK = 1.0  # seconds between two ticks of the loop
LOOK = 2.0  # seconds between two looks at it

log = logging.getLogger(__name__)


class Loop:
    """What is known of a main loop. Times are monotonic seconds."""

    def __init__(self, now: float) -> None:
        self._seen = self._looked = now

    def tick(self) -> None:
        """The loop goes round."""
        self._seen = time.monotonic()

    def stands_still(self, now: float, *, redis_answers: bool) -> bool:
        """Whether the loop has had time enough to go round, and has not.

        A loop that waits for Redis is excused, and so is one whose whole process stood still.
        """
        paused = now - self._looked > 3 * LOOK
        self._looked = now
        if paused or not redis_answers:
            self._seen = now
        return now - self._seen > settings.STALL_SECONDS


class Watchdog(threading.Thread):
    """Watches a loop until the worker is told to stop."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._loop = loop

    def run(self) -> None:
        while not shutdown.STOPPING.wait(LOOK):
            answers = _redis_answers()
            if self._loop.stands_still(time.monotonic(), redis_answers=answers):
                log.critical("the main loop stands still: this worker ends, and has to be started again")
                faulthandler.dump_traceback()
                os._exit(1)


def _redis_answers() -> bool:
    with no_fork():
        try:
            client(BROKER).ping()
        except AWAY:
            return False
        return True
