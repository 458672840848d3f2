"""Which shipment of which outlet is next: in the order of numbers, held while a promise is broken."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from catalog.models import Outlet, Shipment
from pipelines import work_leases
from pipelines.promises import holds_of
from pipelines.shipping.orders import OPEN
from pipelines.work_leases import Lease

AT_ONCE = 4  # outlets that workers have at the same time: others need the workers too


class Step(enum.Enum):
    """What is next for an outlet: it takes a processor, or it waits for another server."""

    MAKE = "make"
    SEND = "send"


class Work(NamedTuple):
    """A step of an outlet that a worker is wanted for now."""

    outlet_id: int
    step: Step


def work_to_do(now: datetime) -> list[Work]:
    """What can be done now and no worker does; those that wait longest first."""
    room = AT_ONCE - Outlet.objects.filter(work_leases.held(now)).count()
    if room <= 0:
        return []
    held = {hold.seed_id for hold in holds_of(None)}
    due = [each for each in _first_shipments(now) if _is_due(each, held, now)]
    due.sort(key=lambda each: (each.next_try_at or each.created_at, each.pk))
    return [Work(each.outlet_id, Step.SEND if each.key else Step.MAKE) for each in due[:room]]


def _first_shipments(now: datetime) -> list[Shipment]:
    """Of each outlet that no worker has, the shipment that goes next."""
    waiting = Shipment.objects.filter(state__in=OPEN, outlet__enabled=True, outlet__seed__deleted_at=None)
    waiting = waiting.exclude(outlet__lease_until__gt=now, outlet__lease_until__isnull=False)
    first: dict[int, Shipment] = {}
    for shipment in waiting.select_related("outlet").defer("manifest").order_by("number"):
        first.setdefault(shipment.outlet_id, shipment)
    return list(first.values())


def _is_due(shipment: Shipment, held: set[int], now: datetime) -> bool:
    """One that waits is due to be held, too."""
    if shipment.state == Shipment.State.HELD:
        return not (_may_be_held(shipment) and shipment.outlet.seed_id in held)
    return shipment.next_try_at is None or shipment.next_try_at <= now


def next_shipment(lease: Lease) -> Shipment | None:
    """What may be made or sent now by the worker with this lease, with its outlet. Commits.

    Raises:
        LeaseLost: another worker has the outlet.
    """
    with transaction.atomic():
        lease.hold()  # the row is locked from here on
        outlet: Outlet = lease.row.select_related("seed").get()
        shipment = outlet.shipments.filter(state__in=OPEN).order_by("number").first()
        if shipment is None or not outlet.enabled or outlet.seed.deleted_at is not None:
            return None
        shipment.outlet = outlet
        _hold_or_release(shipment)
    if shipment.state == Shipment.State.HELD:
        return None
    later = shipment.next_try_at is not None and shipment.next_try_at > lease.moment
    return None if later else shipment


def _hold_or_release(shipment: Shipment) -> None:
    holds = holds_of(shipment.outlet.seed_id) if _may_be_held(shipment) else []
    if holds:
        shipment.state, shipment.reason = Shipment.State.HELD, " ".join(hold.sentence for hold in holds)
    elif shipment.state == Shipment.State.HELD:
        shipment.state, shipment.reason = Shipment.State.WAITING, ""
    else:
        return
    shipment.save(update_fields=["state", "reason"])


def _may_be_held(shipment: Shipment) -> bool:
    return shipment.outlet.obeys_promises and not shipment.goes_anyway
