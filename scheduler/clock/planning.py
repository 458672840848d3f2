"""Planning: the next slot of every seed, in step with its schedule.

``Seed.next_slot`` holds for the schedule written in ``Seed.slot_rule``. So :func:`plan` sees
every change of a schedule, also one by a fixture or by plain SQL; and saving without a change moves nothing.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from catalog.models import Run, Seed
from scheduler.clock import slots
from scheduler.clock.backlog import backlog_of, rows
from scheduler.clock.decisions import SWITCHED_OFF, SlotDecision

logger = logging.getLogger(__name__)

PLANNED_AT_ONCE = 100  # seeds planned in a transaction


def active(seed: Seed) -> bool:
    """Whether the clock must know this seed; the same as ``Seed.objects.scheduled()``."""
    return seed.enabled and seed.deleted_at is None and seed.schedule != Seed.Schedule.MANUAL


def plan(seed: Seed, now: datetime) -> bool:
    """Bring ``next_slot`` in step with the schedule, on the object and in its row; False if it already was.

    A seed scheduled for the first time is due now. A changed schedule is computed again, but a slot that has
    come due stays until it is answered. A seed that is not active has no slot; slots that had come due get
    rows that say skipped. A change by another process in between wins (compare-and-set).
    """
    rule, slot = seed.slot_rule, seed.next_slot
    if not active(seed):
        slot = None
    elif slot is None or rule != slots.rule_of(seed):
        slot = slot if slot and slot <= now else _first(seed, now)
        rule = slots.rule_of(seed)
    if (rule, slot) == (seed.slot_rule, seed.next_slot):
        return False
    with transaction.atomic():
        row = Seed.objects.filter(pk=seed.pk, slot_rule=seed.slot_rule, next_slot=seed.next_slot)
        planned = row.update(slot_rule=rule, next_slot=slot)
        if planned and slot is None and seed.deleted_at is None:
            _skip_due(seed, now)
    seed.slot_rule, seed.next_slot = rule, slot
    return bool(planned)


def _skip_due(seed: Seed, now: datetime) -> None:
    """Write rows for the slots that came due before the schedule was switched off and were not opened."""
    if seed.next_slot is None or seed.next_slot > now:
        return
    backlog = backlog_of(seed, now)
    decisions = [SlotDecision(slot, Run.State.SKIPPED, SWITCHED_OFF) for slot in backlog.due]
    Run.objects.bulk_create(rows(seed, backlog, decisions, now), ignore_conflicts=True)


def plan_all(now: datetime) -> int:
    """Plan every seed whose row is out of step; returns how many were."""
    idle = Seed.objects.filter(Q(enabled=False) | Q(schedule=Seed.Schedule.MANUAL) | ~Q(deleted_at=None))
    changed = idle.filter(next_slot__gt=now).update(next_slot=None)
    return changed + _plan_each(idle.exclude(next_slot=None), now) + _plan_each(_out_of_step(), now)


def _plan_each(seeds: QuerySet[Seed], now: datetime) -> int:
    changed = last = 0
    while part := list(seeds.filter(pk__gt=last).order_by("pk")[:PLANNED_AT_ONCE]):
        with transaction.atomic():
            changed += sum(plan(seed, now) for seed in part)
        last = part[-1].pk
    return changed


def _out_of_step() -> QuerySet[Seed]:
    """Active seeds whose slot is missing or was computed for another schedule (see ``slots.rule_of``)."""
    every = Concat(Value("every "), Cast("interval_seconds", CharField()), Value(" s, "), "time_zone")
    cron = Concat(Value("cron "), "cron", Value(", "), "time_zone")
    rule = Case(When(schedule=Seed.Schedule.INTERVAL, then=every), default=cron, output_field=CharField())
    return Seed.objects.scheduled().filter(Q(next_slot=None) | ~Q(slot_rule=rule))


def _first(seed: Seed, now: datetime) -> datetime | None:
    if not seed.slot_rule:
        return seed.next_slot or now.astimezone(UTC).replace(microsecond=0)
    return following(seed, now)


def following(seed: Seed, after: datetime) -> datetime | None:
    """The slot after ``after``; None, and a line in the log, when the schedule cannot be read."""
    try:
        return slots.next_slot(seed, after)
    except (ValueError, OverflowError) as error:
        logger.error("seed %s (%s): %s", seed.pk, seed.name, error)
        return None
