"""Sending now, trying a place, and the files that wait to go."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.files import File

from catalog.clock import db_now
from catalog.models import Outlet, Shipment
from djsite.desk import audit
from pipelines import archive, shipping
from scheduler import dispatch, results
from scheduler.process import shipping as workers


class NotPossible(Exception):
    """What somebody asks for cannot be done; a sentence for them."""


class Tested(NamedTuple):
    """Whether data can be written at a place, and what it answered."""

    works: bool
    answer: str


def send_now(outlet: Outlet, now: datetime, user: User) -> Shipment:
    """Have sent what there is. Raises :class:`NotPossible` while it is paused."""
    _check_enabled(outlet)
    shipment = shipping.order(outlet, Shipment.Cause.HAND, now, user)
    workers.ask_due(now)
    return shipment


def send_all(outlet: Outlet, now: datetime, user: User) -> Shipment:
    """Have everything sent once more, as to a receiver that has lost it. Raises as :func:`send_now`."""
    _check_enabled(outlet)
    shipment = shipping.send_all_again(outlet, now, user)
    audit.note(user, [outlet], "Everything is sent again.")
    workers.ask_due(now)
    return shipment


def send_although_held(shipment: Shipment, now: datetime, user: User) -> None:
    """Have a shipment sent that a broken promise holds.

    Raises:
        NotPossible: it is held no more, or its outlet is paused.
    """
    _check_enabled(shipment.outlet)
    if not shipping.let_go(shipment):
        raise NotPossible("It is not held any more.")
    audit.note(user, [shipment.outlet], f"Shipment {shipment.number} is sent although it was held.")
    workers.ask_due(now)


def _check_enabled(outlet: Outlet) -> None:
    if not outlet.enabled:
        raise NotPossible("It is paused. Let it go on first.")


def test(outlet: Outlet) -> str | None:
    """Have a worker see whether data can be written there; its key, or None when Redis is away."""
    return dispatch.probe_place(outlet.pk)


def tested(outlet: Outlet, key: str) -> Tested | None:
    """What came of it; None while there is no answer. Raises LookupError for a key of something else."""
    result = results.result_of(key, "probe_place")
    if result is None:
        return None
    if result["outlet"] != outlet.pk:
        raise LookupError("This test was of another place.")
    return Tested(result["works"], result["answer"])


def send_here(outlet: Outlet, seconds: float = 3600.0) -> Shipment:
    """Send from this process, or wait for the worker that has the outlet; the shipment then."""
    _check_enabled(outlet)
    shipment = shipping.order(outlet, Shipment.Cause.HAND, db_now())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        shipping.make_shipment(outlet.pk, db_now())
        shipping.send_shipments(outlet.pk, db_now())
        shipment.refresh_from_db()
        if shipment.state != Shipment.State.WAITING or shipment.attempts:
            break
        time.sleep(0.5)
    return shipment


def open_file(shipment: Shipment) -> File[Any]:
    """The file of a shipment that is made. Raises OSError when the archive does not have it."""
    return archive.storage().open(shipment.key, "rb")
