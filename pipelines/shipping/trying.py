"""How an attempt ends: on the rows of its shipment and its outlet, in one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from catalog.models import Outlet, Shipment
from pipelines.shipping.orders import order
from pipelines.telling.kinds.kind import ANSWER_CHARACTERS, Answer
from pipelines.telling.sending.tries import History, next_try
from pipelines.work_leases import Lease

LOST = "Its file is no longer in the archive. The next shipment has what it had."
CUT_OFF = "No answer: the worker died, or was ended."


def uid_of(outlet: Outlet) -> str:
    """The outlet's name for receivers; another installation, or another outlet of the same id, differs."""
    return f"{outlet.pk}-{outlet.created_at:%Y%m%dT%H%M%S%f}"


def begin(shipment: Shipment, lease: Lease) -> bool:
    """Count an attempt; False if it was given up instead. Should nobody end it, it is tried again."""
    with transaction.atomic():
        lease.hold()  # the row is locked from here on
        shipment.attempts += 1
        shipment.tried_since = shipment.tried_since or lease.moment
        again = _next_try(shipment, Answer(False, CUT_OFF), lease.moment)
        if again is None:
            _give_up(shipment, shipment.reason or CUT_OFF)
            return False
        waiting = Shipment.objects.filter(pk=shipment.pk, state=Shipment.State.WAITING)
        return bool(
            waiting.update(
                attempts=shipment.attempts,
                tried_since=shipment.tried_since,
                next_try_at=again,
                reason=CUT_OFF,
                answer="",
            )
        )


def end(shipment: Shipment, answer: Answer, lease: Lease) -> bool:
    """Write down how an attempt ended; whether the next shipment may be tried.

    The cursor moves in the transaction in which the shipment has arrived.
    """
    with transaction.atomic():
        lease.hold()
        if not answer.delivered:
            return _failed(shipment, answer, lease)
        waiting = Shipment.objects.filter(pk=shipment.pk, state=Shipment.State.WAITING)
        arrived = waiting.update(
            state=Shipment.State.ARRIVED,
            arrived_at=lease.moment,
            next_try_at=None,
            reason="",
            answer=answer.text[:ANSWER_CHARACTERS],
        )
        if arrived:  # else the outlet was changed meanwhile, and the receiver is another
            lease.hold(cursor=shipment.until, failing_since=None, last_error="", last_arrived_at=lease.moment)
    return True


def replace(shipment: Shipment, lease: Lease) -> None:
    """Its file is no longer there, as after a restore: give it up, and order another that has what it had."""
    with transaction.atomic():
        lease.hold()
        _give_up(shipment, LOST)
        order(shipment.outlet, shipment.cause, lease.moment, shipment.asked_by, shipment.run)


def put_off(shipment: Shipment, reason: str, lease: Lease) -> None:
    """What cannot be made now is tried again later, ever more rarely, and is not given up."""
    with transaction.atomic():
        lease.hold(failing_since=Coalesce("failing_since", Value(lease.moment)), last_error=reason)
        attempts = shipment.attempts + 1
        again = next_try(History(min(attempts, 7), lease.moment), Answer(False, reason), lease.moment)
        waiting = Shipment.objects.filter(pk=shipment.pk, state=Shipment.State.WAITING)
        waiting.update(attempts=attempts, next_try_at=again, reason=reason)


def _failed(shipment: Shipment, answer: Answer, lease: Lease) -> bool:
    lease.hold(failing_since=Coalesce("failing_since", Value(lease.moment)), last_error=answer.text)
    again = _next_try(shipment, answer, lease.moment)
    if again is None:
        _give_up(shipment, answer.text)
        return True
    waiting = Shipment.objects.filter(pk=shipment.pk, state=Shipment.State.WAITING)
    waiting.update(next_try_at=again, reason=answer.text, answer=answer.text[:ANSWER_CHARACTERS])
    return False


def _next_try(shipment: Shipment, answer: Answer, now: datetime) -> datetime | None:
    return next_try(History(shipment.attempts, shipment.tried_since or now), answer, now)


def _give_up(shipment: Shipment, reason: str) -> None:
    """The cursor stays: what it had, the next one has, and if nobody orders one, a person sees it."""
    waiting = Shipment.objects.filter(pk=shipment.pk, state=Shipment.State.WAITING)
    waiting.update(state=Shipment.State.GIVEN_UP, next_try_at=None, reason=reason)
