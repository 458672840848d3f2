"""Ends a process that lives and does nothing, so that its supervisor starts it again.

It watches loops: after an outage of Redis, Celery 5.7's can wait for ever, for an answer on a connection
that is gone, or for a child of its pool that died meanwhile; that of fetch sessions can be held up by one
answer. So a timer in a loop ticks, and a thread checks that it did. It watches tasks
(:mod:`scheduler.process.progress`). And for the case that C code holds the interpreter, so that no thread
runs, a timer of the kernel ends the process. That counts the CPU time which the process uses, and so no
time in which the machine sleeps or is busy with others, or the process is stopped.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import threading
import time

from django.conf import settings

from scheduler.process import progress, shutdown
from scheduler.process.fork_guard import no_fork_soon
from scheduler.redis_server import AWAY, BROKER, client

TICK_EVERY = 1.0  # seconds between two ticks of a loop
CHECK_EVERY = 5.0  # seconds between two checks, at most

log = logging.getLogger(__name__)


def _check_every() -> float:
    return min(CHECK_EVERY, settings.STALL_SECONDS / 6)


class Loop:
    """When a loop last ticked. Times are monotonic seconds."""

    def __init__(self, now: float) -> None:
        self._ticked = self._checked = now
        self._rests = False

    def tick(self) -> None:
        """Called by the loop each time it goes round."""
        self._ticked = time.monotonic()
        self._rests = False

    def rest(self) -> None:
        """Called by a loop that now waits, for as long as it takes, until it ticks again."""
        self._rests = True

    def stands_still(self, now: float, *, redis_answers: bool) -> bool:
        """Whether the loop has not gone round although it had enough time.

        That does not count while Redis is away, nor after the whole process stood still.
        """
        paused = now - self._checked > 3 * _check_every()
        self._checked = now
        if paused or self._rests or not redis_answers:
            self._ticked = now
        return now - self._ticked > settings.STALL_SECONDS


class Watchdog(threading.Thread):
    """Watches loops, and the tasks of the process, until the worker is told to stop."""

    def __init__(self, *loops: Loop) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._loops = loops

    def start(self) -> None:
        """Watch from now on, also before this thread gets its first turn."""
        faulthandler.register(signal.SIGPROF, chain=True)  # where every thread was; then the signal ends us
        _end_if_nobody_runs()
        super().start()

    def run(self) -> None:
        before = time.monotonic()
        while not shutdown.STOPPING.wait(_check_every()):
            _end_if_nobody_runs()
            now = time.monotonic()
            if now - before > 3 * _check_every():  # the whole process stood still
                progress.excuse(now)
            if complaint := progress.stuck(now) or self._still():
                log.critical("%s: this process ends, and has to be started again", complaint)
                faulthandler.dump_traceback()
                os._exit(1)
            before = time.monotonic()
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _still(self) -> str:
        """A sentence when a loop stands still."""
        answers, now = _redis_answers(), time.monotonic()
        still = [loop.stands_still(now, redis_answers=answers) for loop in self._loops]  # asks each
        return "a main loop stands still" if any(still) else ""


def _end_if_nobody_runs() -> None:
    """Start the kernel's timer again: it ends this process if no thread of Python does that in time.

    As long as all is well, no more CPU time than this passes until the next check, whatever all cores do.
    """
    checks = 3 * _check_every() * (os.cpu_count() or 1)
    signal.setitimer(signal.ITIMER_PROF, settings.STALL_SECONDS + checks)


def _redis_answers() -> bool:
    """Whether it does; also False while nobody can tell, as another thread keeps the process from forking."""
    with no_fork_soon(_check_every()) as entered:
        try:
            return entered and bool(client(BROKER).ping())
        except AWAY:
            return False
