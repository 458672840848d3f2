"""Seeds that are due every minute since a fixed moment, for tests of planning and of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from catalog.models import Run, Seed
from tests.factories import make_seed

CREATED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So long after the seeds were made."""
    return CREATED + timedelta(seconds=seconds)


def due_seed(**values) -> Seed:
    """A seed made at :data:`CREATED`, due every minute."""
    given = {"interval_seconds": 60, "created_at": CREATED, "next_slot": None}
    with time_machine.travel(CREATED, tick=False):
        return make_seed(**(given | values))


def reloaded(seed: Seed) -> Seed:
    """The row as it is now."""
    return Seed.objects.get(pk=seed.pk)


def rows(seed: Seed) -> list[tuple[float, str, str]]:
    """The seed's slots: seconds since :data:`CREATED`, state, reason."""
    found = Run.objects.filter(seed=seed).order_by("slot")
    return [((run.slot - CREATED).total_seconds(), run.state, run.reason) for run in found]
