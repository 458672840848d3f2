"""The only way to tell the clock that a seed has changed; Django's signals do it for each save and delete.

Fixtures send the signals too, bulk statements do not: code that writes seeds with bulk statements calls
:func:`seed_changed` for each seed, or leaves them to :mod:`scheduler.clock.reconcile`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from catalog.models import Seed
from scheduler.clock import ledger, planning


def seed_changed(seed: Seed, now: datetime) -> None:
    """Plan the seed's next slot, on the object and in its row; tell the clock after the commit.

    An unchanged schedule moves nothing. Never fails because Redis is away.
    """
    planning.plan(seed, now)
    ledger.tell_clock([seed])


def seed_saved(instance: Seed, **_: Any) -> None:
    """The row was written: ``django.db.models.signals.post_save``."""
    seed_changed(instance, timezone.now())


def seed_deleted(instance: Seed, **_: Any) -> None:
    """The row itself was deleted, not only marked as deleted: ``django.db.models.signals.post_delete``."""
    instance.deleted_at = timezone.now()
    seed_changed(instance, instance.deleted_at)
