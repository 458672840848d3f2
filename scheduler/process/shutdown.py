"""Stopping a worker: whoever works for seconds is told at once, and nobody is waited for too long."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.conf import settings

STOPPING = threading.Event()  # polled by fetch sessions


def begin(how: str, give_up: Callable[[], object]) -> None:
    """A worker was told to stop. ``give_up`` ends a warm stop (SIGTERM) after ``SHUTDOWN_SECONDS``.

    Warm: no new work, tasks end and are acknowledged. Cold (SIGQUIT): what still runs goes back to its
    queue. Celery's own soft shutdown sleeps its whole time-out even when the tasks end at once.
    """
    STOPPING.set()
    if how == "Warm":
        timer = threading.Timer(settings.SHUTDOWN_SECONDS, give_up)
        timer.daemon = True
        timer.start()
