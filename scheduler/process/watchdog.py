"""Ends a worker whose main loop stands still, so that its supervisor starts it again.

After an outage of Redis, Celery 5.7's loop can wait for ever: for an answer on a connection that is gone, or
for a child of its pool that died meanwhile. The process then lives on and does no work. So a timer
in the loop ticks, and a thread checks that it did.
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

TICK_EVERY = 1.0  # seconds between two ticks of the loop
CHECK_EVERY = 5.0  # seconds between two checks of the loop

log = logging.getLogger(__name__)


class Loop:
    """When a main loop last ticked. Times are monotonic seconds."""

    def __init__(self, now: float) -> None:
        self._ticked = self._checked = now

    def tick(self) -> None:
        """Called by the loop each time it goes round."""
        self._ticked = time.monotonic()

    def stands_still(self, now: float, *, redis_answers: bool) -> bool:
        """Whether the loop has not gone round although it had enough time.

        That does not count while Redis is away, nor after the whole process stood still.
        """
        paused = now - self._checked > 3 * CHECK_EVERY
        self._checked = now
        if paused or not redis_answers:
            self._ticked = now
        return now - self._ticked > settings.STALL_SECONDS


class Watchdog(threading.Thread):
    """Watches a loop until the worker is told to stop."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._loop = loop

    def run(self) -> None:
        while not shutdown.STOPPING.wait(CHECK_EVERY):
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
