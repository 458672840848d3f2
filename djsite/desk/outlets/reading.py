"""The outlets and their shipments, as pages, calls and commands list them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from catalog.models import Outlet, Shipment

OPEN = (Shipment.State.WAITING, Shipment.State.HELD)


def list_outlets() -> QuerySet[Outlet]:
    """All outlets by name, each with the state and the reason of the shipment whose turn it is.

    These are ``turn`` and ``turn_reason``; None where nothing is to go.
    """
    turns = Shipment.objects.filter(outlet=OuterRef("pk"), state__in=OPEN).order_by("number")
    return (
        Outlet.objects.filter(seed__deleted_at=None)
        .annotate(turn=Subquery(turns.values("state")[:1]), turn_reason=Subquery(turns.values("reason")[:1]))
        .select_related("seed", "owner")
        .order_by("name")
    )


def shipments_of(outlet: Outlet) -> QuerySet[Shipment]:
    """What has gone and what is to go, to be listed newest first."""
    return outlet.shipments.select_related("asked_by", "run")


def held_shipment(outlet: Outlet) -> Shipment | None:
    """The one whose turn it is and that a broken promise holds."""
    turn = outlet.shipments.filter(state__in=OPEN).order_by("number").first()
    return turn if turn is not None and turn.state == Shipment.State.HELD else None


def is_under_way(outlet: Outlet, now: datetime) -> bool:
    """Whether something is being made or sent now, or will be in a moment."""
    waiting = outlet.shipments.filter(state=Shipment.State.WAITING)
    return outlet.enabled and waiting.exclude(next_try_at__gt=now).exists()


def all_shipments() -> QuerySet[Shipment]:
    """Those of every outlet, each with its outlet."""
    return Shipment.objects.filter(outlet__seed__deleted_at=None).select_related(
        "outlet__seed", "asked_by", "run"
    )
