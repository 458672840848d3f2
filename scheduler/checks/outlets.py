"""Outlets by which data go out: whether they arrive, and whether anybody sends."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from catalog.models import Outlet, Shipment
from pipelines import work_leases
from scheduler.checks.channels import FAILING_AFTER
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.checks.processes import late_after


def failing(options: CheckOptions) -> Findings:
    """Outlets whose attempts fail: data do not arrive, and only a person can mend it."""
    since = options.now - timedelta(seconds=FAILING_AFTER * settings.TIME_SCALE)
    outlets = Outlet.objects.filter(enabled=True, failing_since__lte=since, seed__deleted_at=None)
    outlets = outlets.order_by("failing_since", "pk")
    if number := outlets.count():
        yield Finding(
            "outlets-failing",
            f"Outlets whose data do not arrive: {number}.",
            "Their pages say what was answered. What waits is sent when the place works again; what was "
            "given up, the next shipment has.",
            examples=[f"{outlet.name}: {outlet.last_error}" for outlet in outlets[:EXAMPLES]],
            seeds=list(outlets.values_list("seed_id", flat=True)),
        )


def waiting(options: CheckOptions) -> Findings:
    """Outlets that no worker takes although they have something to send."""
    before = options.now - late_after()
    waiting = Shipment.objects.filter(outlet=OuterRef("pk"), state=Shipment.State.WAITING)
    late = waiting.filter(created_at__lt=before, next_try_at=None) | waiting.filter(next_try_at__lt=before)
    outlets = Outlet.objects.filter(Exists(late), enabled=True, seed__deleted_at=None)
    outlets = outlets.exclude(work_leases.held(options.now), lease_until__isnull=False)
    outlets = outlets.exclude(last_arrived_at__gte=before, last_arrived_at__isnull=False)
    outlets = outlets.filter(Q(failing_since=None) | ~Exists(waiting.filter(next_try_at__gte=before)))
    if number := outlets.count():
        yield Finding(
            "outlets-waiting",
            f"Outlets with data to send that no worker takes: {number}.",
            "Look at the workers that store, which make files, and at those that fetch, which send them.",
            options.late_level,
            [outlet.name for outlet in outlets.order_by("name")[:EXAMPLES]],
        )
