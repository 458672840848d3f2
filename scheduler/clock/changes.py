"""The fast path from a seed's row to the clock: on every save and delete, fixtures included."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from catalog.models import Seed
from scheduler.clock import ledger, planning


def seed_saved(instance: Seed, **_: Any) -> None:
    """Plan the seed in the same transaction; tell the clock after its commit."""
    planning.plan(instance, timezone.now())
    ledger.tell_clock([instance])


def seed_deleted(instance: Seed, **_: Any) -> None:
    """Take the seed off the clock after the commit."""
    instance.next_slot = None
    ledger.tell_clock([instance])
