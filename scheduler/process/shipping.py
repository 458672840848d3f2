"""Shipping in workers: files are made where exports are, and sent beside the fetch sessions, as messages are.

Sending is a few at a time in a process, so that receivers that hang hold little. The next step follows when
one is done; the sweep begins, and brings back what was lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from catalog.clock import db_now
from catalog.models import Outlet
from pipelines import shipping
from pipelines.shipping import Step, Work
from pipelines.telling.kinds.kind import Answer
from scheduler import dispatch

PLACES = 2  # of a process: each takes a thread while a receiver has not answered

_places = threading.BoundedSemaphore(PLACES)


def order_after_run(run_id: int, now: datetime) -> None:
    """Order what outlets send after a run that has ended, and have it made."""
    if shipping.order_after_run(run_id, now):
        ask_due(now)


def make(outlet_id: int) -> None:
    """Make what is next for an outlet, and ask for what follows."""
    shipping.make_shipment(outlet_id, db_now())
    ask_due(db_now())


def send(outlet_id: int, stops: Callable[[], bool]) -> None:
    """Send what is made, unless this process is busy with others: then its rows wait."""
    if not _places.acquire(blocking=False):
        return
    try:
        shipping.send_shipments(outlet_id, db_now(), stops)
    finally:
        _places.release()
    ask_due(db_now())


def probe(outlet_id: int) -> Answer:
    """See whether data can be written at an outlet's place."""
    outlet = Outlet.objects.filter(pk=outlet_id).first()
    return shipping.probe_place(outlet) if outlet else Answer(False, "There is no such outlet any more.")


def ask_due(now: datetime) -> None:
    """Ask for the steps that can be taken now and that no worker takes."""
    for work in shipping.work_to_do(now):
        ask(work)


def ask(work: Work) -> None:
    """Ask for one step."""
    if work.step == Step.MAKE:
        dispatch.make_shipment(work.outlet_id)
    else:
        dispatch.send_shipments(work.outlet_id)
