"""The one door to the clock for whoever changes a seed; a save or a delete goes through it by itself.

The signals come for fixtures too, not for bulk statements: who writes seeds with one calls
:func:`seed_changed` for each, or leaves them to :mod:`scheduler.clock.reconcile`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from catalog.models import Seed
from scheduler.clock import ledger, planning


def seed_changed(seed: Seed, now: datetime) -> None:
    """Plan the seed's next slot, on the object and in its row; tell the clock after the commit.

    Nothing moves when the schedule is what it was. Redis may be away: this never fails for that.
    """
    planning.plan(seed, now)
    ledger.tell_clock([seed])


def seed_saved(instance: Seed, **_: Any) -> None:
    """The row was written: ``django.db.models.signals.post_save``."""
    seed_changed(instance, timezone.now())


def seed_deleted(instance: Seed, **_: Any) -> None:
    """The row is gone, not only marked: ``django.db.models.signals.post_delete``."""
    instance.deleted_at = timezone.now()
    seed_changed(instance, instance.deleted_at)
