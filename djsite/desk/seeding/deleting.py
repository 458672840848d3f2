"""Deleting a seed: what goes with it, and a day in which it can be brought back."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Seed
from djsite.desk.read.tally import Tally, tally
from djsite.desk.seeding import edits
from djsite.desk.seeding.edits import Author
from djsite.desk.seeds import free_name
from pipelines.prune.rows import UNDO


class Going(NamedTuple):
    """What a deletion takes away; counts stop at a bound."""

    records: Tally
    pages: Tally
    runs: Tally
    alerts: Tally


def going(seed: Seed) -> Going:
    """What goes with a seed."""
    return Going(*(tally(rows.all()) for rows in (seed.records, seed.pages, seed.runs, seed.alerts)))


def deleted(now: datetime | None = None) -> QuerySet[Seed]:
    """The seeds that can be brought back."""
    return Seed.objects.filter(deleted_at__gt=(now or timezone.now()) - UNDO)


def until(seed: Seed) -> datetime | None:
    """Until when a deleted seed can be brought back."""
    return seed.deleted_at + UNDO if seed.deleted_at else None


@transaction.atomic
def bring_back(pk: int, now: datetime, author: Author) -> Seed | None:
    """Undo a deletion; None if the seed is not deleted, or its day is over.

    It runs again at the next time of its schedule. If its name is used meanwhile, it gets a free one.
    """
    seed = deleted(now).select_for_update(no_key=True).filter(pk=pk).first()
    if seed is None:
        return None
    before = edits.as_stored(seed)
    seed.deleted_at, seed.name = None, free_name(seed.name)
    seed.save(update_fields=["deleted_at", "name", "updated_at"])
    edits.note(before, seed, author, edits.Kind.RESTORED)
    return seed
