"""Stopping a worker: sessions are told at once, and what does not end in time is handed back."""

from __future__ import annotations

import os
import signal
import threading

from djsite import env

STOPPING = threading.Event()  # polled by whoever works for seconds
GRACE_SECONDS = env.number("CRAWLBEAT_SHUTDOWN_SECONDS", 20)


def begin(how: str) -> None:
    """A worker was told to stop. A warm stop (SIGTERM) turns cold after :data:`GRACE_SECONDS`.

    Warm: no new work, tasks end and are acknowledged. Cold (SIGQUIT): what still runs goes back to its
    queue. Celery's own soft shutdown sleeps its whole time-out even when the tasks end at once.
    """
    STOPPING.set()
    if how == "Warm":
        timer = threading.Timer(GRACE_SECONDS, os.kill, [os.getpid(), signal.SIGQUIT])
        timer.daemon = True
        timer.start()
