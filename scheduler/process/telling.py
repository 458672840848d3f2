"""Telling in workers: what happened is matched with the alerts as soon as it is known, then delivered.

Deliveries go on beside the fetch sessions, a few at a time, so that receivers that hang hold little. The next
due channel follows when one is done; the sweep begins, and brings back what was lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from catalog.clock import db_now
from pipelines.telling.matching import events_wait, match_events
from pipelines.telling.sending import delivery, outbox
from scheduler import dispatch

PLACES = 2  # of a process: each takes a thread while a receiver has not answered
MANY = 50  # channels that a sweep asks for

_places = threading.BoundedSemaphore(PLACES)


def settle_events(stops: Callable[[], bool]) -> None:
    """Match events slice by slice, and ask for the channels that have something to tell then.

    What is left when the process stops, the sweep asks for.
    """
    while match_events(db_now()) and not stops():
        pass
    ask_due(db_now())


def ask_settling() -> None:
    """After work that may have written events: have alerts look at them."""
    dispatch.settle_events(events_wait())


def deliver(channel_id: int) -> None:
    """Send what is due on a channel, unless this process is busy with others: then its row waits."""
    if not _places.acquire(blocking=False):
        return
    try:
        delivery.deliver(channel_id, db_now())
    finally:
        _places.release()
    ask_due(db_now(), most=1)


def ask_due(now: datetime, most: int = MANY) -> None:
    """Ask for the channels that have something to send and that no worker has."""
    for channel_id in outbox.due_channels(now, most):
        dispatch.deliver(channel_id)
