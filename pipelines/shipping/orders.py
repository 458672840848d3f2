"""Ordering shipments: after a run, at a time, by hand.

At most one ordered shipment of an outlet waits to be made: it will have all there is when it is made, so a
further order is answered by it. One that is being made may have been read already, and answers none.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from catalog.models import Outlet, Run, Shipment
from pipelines import work_leases
from pipelines.shipping.outlets import begin_anew, next_time

OPEN = (Shipment.State.WAITING, Shipment.State.HELD)
REPLACED = "A person had everything sent again before this had arrived."


@transaction.atomic
def order(
    outlet: Outlet, cause: str, now: datetime, person: User | None = None, run: Run | None = None
) -> Shipment:
    """Have a shipment made and sent, behind those that wait. ``cause``: of :class:`Shipment.Cause`.

    Returns the shipment that answers the order, which may have been ordered before and not been made yet. By
    hand, what waits for its next attempt is tried at once.
    """
    locked = Outlet.objects.select_for_update(no_key=True).get(pk=outlet.pk)
    if cause == Shipment.Cause.HAND:
        try_now(locked, now)
    shipments = Shipment.objects.filter(outlet=locked)
    waiting = shipments.filter(state__in=OPEN, key="").order_by("number").last()
    if waiting is not None and not _may_be_being_made(waiting, now):
        if run is not None:
            shipments.filter(pk=waiting.pk).update(run=run)
        return waiting
    last = shipments.aggregate(last=Max("number"))["last"] or 0
    return Shipment.objects.create(
        outlet=locked,
        number=last + 1,
        cause=cause,
        run=run,
        share=locked.share,
        created_at=now,
        asked_by=person,
    )


def _may_be_being_made(shipment: Shipment, now: datetime) -> bool:
    """Whether a worker has the outlet, and the shipment is its next one."""
    outlet = Outlet.objects.filter(work_leases.held(now), pk=shipment.outlet_id)
    earlier = Shipment.objects.filter(outlet=shipment.outlet_id, state__in=OPEN, number__lt=shipment.number)
    return outlet.exists() and not earlier.exists()


def order_after_run(run_id: int, now: datetime) -> list[int]:
    """Order what is owed after a run that was compared; the ids of the outlets."""
    return _order_owed(owed_outlets().filter(seed__runs=run_id), now)


def order_owed(now: datetime) -> list[int]:
    """Order what a lost message, or a pause, left undone: one shipment for an outlet's last run."""
    return _order_owed(owed_outlets(), now)


def _order_owed(outlets: QuerySet[Outlet], now: datetime) -> list[int]:
    ids = []
    for pk in list(outlets.values_list("pk", flat=True)):
        with transaction.atomic():
            Outlet.objects.select_for_update(no_key=True).get(pk=pk)
            outlet = owed_outlets().filter(pk=pk).first()  # another worker may have been here
            if outlet is not None:
                run = Run.objects.get(pk=vars(outlet)["newest"])
                order(outlet, Shipment.Cause.RUN, now, run=run)
                ids.append(pk)
    return ids


def owed_outlets() -> QuerySet[Outlet]:
    """Outlets without a shipment for the newest run that was compared, with its id as ``newest``.

    Runs that ended before an outlet was made, and visits of single addresses, call for none.
    """
    runs = Run.objects.filter(seed=OuterRef("seed"), state=Run.State.FINISHED, compared__isnull=False)
    runs = runs.exclude(kind=Run.Kind.RECRAWL).filter(finished_at__gte=OuterRef("created_at"))
    newest = Subquery(runs.order_by("-pk").values("pk")[:1])
    sent = Shipment.objects.filter(outlet=OuterRef("pk"), run__gte=OuterRef("newest"))
    outlets = Outlet.objects.filter(enabled=True, after_runs=True, seed__deleted_at=None)
    return outlets.annotate(newest=newest).filter(~Exists(sent), newest__isnull=False)


def order_due(now: datetime) -> list[int]:
    """Order what has come due by a cron line, one shipment however often it did; the ids of the outlets."""
    due = Q(due_at__lte=now, enabled=True, seed__deleted_at=None)
    ids = []
    for pk in list(Outlet.objects.filter(due).order_by("due_at").values_list("pk", flat=True)):
        with transaction.atomic():
            outlet = Outlet.objects.select_for_update(no_key=True).filter(due, pk=pk).first()
            if outlet is not None:
                order(outlet, Shipment.Cause.TIME, now)
                Outlet.objects.filter(pk=pk).update(due_at=next_time(outlet, now))
                ids.append(pk)
    return ids


@transaction.atomic
def send_all_again(outlet: Outlet, now: datetime, person: User | None = None) -> Shipment:
    """Have everything sent once more, such as when the receiver was restored from a backup."""
    locked = Outlet.objects.select_for_update(no_key=True).get(pk=outlet.pk)
    begin_anew(locked, REPLACED)
    return order(locked, Shipment.Cause.HAND, now, person)


def let_go(shipment: Shipment) -> bool:
    """Have a shipment sent although a promise about its data is broken; False if it is not held."""
    held = Shipment.objects.filter(pk=shipment.pk, state=Shipment.State.HELD)
    return bool(held.update(state=Shipment.State.WAITING, goes_anyway=True, reason=""))


def try_now(outlet: Outlet, now: datetime) -> None:
    """Try at once what waits for its next attempt."""
    outlet.shipments.filter(state=Shipment.State.WAITING, next_try_at__gt=now).update(next_try_at=now)
