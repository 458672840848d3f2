"""After the clock was moved back: what was written by the earlier clock is put right.

Slots and waiting times then lie in the future by the length of the step. For as long nothing would become
due, hosts of dead sessions would stay leased, and pages that wait for another try would wait in vain.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Greatest

from catalog.models import Batch, Chore, Export, Host, Run, Seed, Visit
from scheduler.clock.planning import following
from scheduler.clock.slots import every_between
from scheduler.process import heartbeats

HEART = "reconcile"  # its sign of life shows what the clock was
TOLERANCE = timedelta(seconds=5)  # a smaller step does no harm
NEAR = timedelta(seconds=60)  # waiting times within it are left alone: hosts are asked no sooner for a step
_VISITS = 20_000  # in a transaction

logger = logging.getLogger(__name__)


def mend(now: datetime) -> int:
    """Put right what lies too far in the future; returns how many seeds were planned anew.

    Idempotent, and does nothing when the clock has not been moved back. A slot that has its row and was run
    is not run again. Raises ``django.db.DatabaseError``.
    """
    step = _step(now)
    if step <= TOLERANCE:
        return 0
    logger.warning("the clock was moved back by %g s: slots are planned anew", step.total_seconds())
    _forget_unopened(now)
    planned = _plan_anew(now)
    for rows, column in _waiting_times():
        _move(rows, column, step, now)
    return planned


def _step(now: datetime) -> timedelta:
    age = heartbeats.age(HEART, now)
    return -age if age is not None else timedelta(0)


def _plan_anew(now: datetime) -> int:
    """Give each seed the next slot by its schedule, if the one it has is later."""
    planned = 0
    for seed in Seed.objects.scheduled().filter(next_slot__gt=now).iterator():
        slot = following(seed, now)
        if slot is not None and seed.next_slot is not None and slot < seed.next_slot:
            planned += Seed.objects.filter(pk=seed.pk, next_slot=seed.next_slot).update(next_slot=slot)
    return planned


def _forget_unopened(now: datetime) -> None:
    """Slots to come that the earlier clock wrote down as missed or skipped: they come in their time."""
    unopened = Run.objects.filter(kind=Run.Kind.SCHEDULED, state__in=[Run.State.MISSED, Run.State.SKIPPED])
    unopened.filter(slot__gt=now + TOLERANCE).delete()
    for run in unopened.filter(last_slot__gt=now + TOLERANCE).select_related("seed"):
        missed = every_between(run.seed, run.slot, now)
        run.slots, run.last_slot = 1 + len(missed), missed[-1] if missed else None
        run.save(update_fields=["slots", "last_slot"])


def _waiting_times() -> Iterable[tuple[QuerySet[Any], str]]:
    """What waits, and the column that says until when; visits in parts, because there may be a million."""
    for column in ("due_at", "next_request_at", "open_until", "lease_until"):
        yield Host.objects.all(), column
    yield Batch.objects.exclude(state=Batch.State.STORED), "due_at"
    yield Export.objects.filter(state=Export.State.WAITING), "lease_until"
    yield Chore.objects.all(), "lease_until"
    last = Visit.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, _VISITS):
        yield Visit.objects.filter(state=Visit.State.QUEUED, pk__range=(first, first + _VISITS - 1)), "due_at"


def _move(rows: QuerySet[Any], column: str, step: timedelta, now: datetime) -> None:
    near = now + NEAR
    with transaction.atomic():
        rows.filter(**{f"{column}__gt": near}).update(**{column: Greatest(F(column) - step, near)})
