"""Stopping a worker: long tasks are told at once, and the wait for them is bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.conf import settings

STOPPING = threading.Event()  # polled by fetch sessions


def start_shutdown(how: str, give_up: Callable[[], object]) -> None:
    """Tell this worker's tasks to stop. ``give_up`` ends a warm stop (SIGTERM) after ``SHUTDOWN_SECONDS``.

    Warm: no new work, tasks end and are acknowledged. Cold (SIGQUIT): tasks that still run go back to their
    queue. Celery's own soft shutdown sleeps its whole time-out even when the tasks end at once.
    """
    STOPPING.set()
    if how == "Warm":
        timer = threading.Timer(settings.SHUTDOWN_SECONDS, give_up)
        timer.daemon = True
        timer.start()
