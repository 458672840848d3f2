"""The ledger: a row for every slot that comes due, and the next slot of every seed.

``Seed.next_slot`` holds for the schedule written in ``Seed.slot_rule``. So by whatever means somebody
changes a schedule (a form, a fixture, plain SQL), :func:`plan` sees it; and saving without a change moves
nothing.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from djsite.catalog.models import Run, Seed
from pipelines.runs import create_run
from scheduler import entries, slots

logger = logging.getLogger(__name__)

MISSED_ROWS = 100  # missed slots written one by one after a downtime; older ones are summed up in words
PLANNED_AT_ONCE = 100  # seeds a transaction plans
EARLY = timedelta(seconds=2)  # beat's clock may be ahead of the database's
OVERLAP = "overlap"
DOWNTIME = "downtime"
_LIVE = [Run.State.DUE, Run.State.OPEN, Run.State.PAUSED, Run.State.STOPPING]


def active(seed: Seed) -> bool:
    """Whether the clock must know this seed; the same as ``Seed.objects.scheduled()``."""
    return seed.enabled and seed.deleted_at is None and seed.schedule != Seed.Schedule.MANUAL


def plan(seed: Seed, now: datetime) -> bool:
    """Bring ``next_slot`` in step with the schedule, on the object and in its row; False if it was.

    A seed scheduled for the first time is due now; a changed schedule is computed anew; a seed that is
    not active has no slot. Somebody else's change in between wins (compare-and-set).
    """
    rule, slot = seed.slot_rule, seed.next_slot
    if not active(seed):
        slot = None
    elif slot is None or rule != slots.rule_of(seed):
        slot = _first(seed, now)
        rule = slots.rule_of(seed)
    if (rule, slot) == (seed.slot_rule, seed.next_slot):
        return False
    row = Seed.objects.filter(pk=seed.pk, slot_rule=seed.slot_rule, next_slot=seed.next_slot)
    planned = row.update(slot_rule=rule, next_slot=slot)
    seed.slot_rule, seed.next_slot = rule, slot
    return bool(planned)


def plan_all(now: datetime) -> int:
    """Plan every seed whose row is out of step; returns how many were."""
    idle = Seed.objects.filter(Q(enabled=False) | Q(schedule=Seed.Schedule.MANUAL) | ~Q(deleted_at=None))
    changed = idle.exclude(next_slot=None).update(next_slot=None)
    last = 0
    while part := list(_out_of_step().filter(pk__gt=last)[:PLANNED_AT_ONCE]):
        with transaction.atomic():
            changed += sum(plan(seed, now) for seed in part)
        last = part[-1].pk
    return changed


def _out_of_step() -> QuerySet[Seed]:
    """Active seeds whose slot is missing or was computed for another schedule (see ``slots.rule_of``)."""
    every = Concat(Value("every "), Cast("interval_seconds", CharField()), Value(" s, "), "time_zone")
    cron = Concat(Value("cron "), "cron", Value(", "), "time_zone")
    rule = Case(When(schedule=Seed.Schedule.INTERVAL, then=every), default=cron, output_field=CharField())
    return Seed.objects.scheduled().filter(Q(next_slot=None) | ~Q(slot_rule=rule)).order_by("pk")


def _first(seed: Seed, now: datetime) -> datetime | None:
    if not seed.slot_rule:
        return seed.next_slot or now.astimezone(UTC).replace(microsecond=0)
    return following(seed, now)


def following(seed: Seed, after: datetime) -> datetime | None:
    """The slot after ``after``; None, and a line in the log, when the schedule cannot be read."""
    try:
        return slots.next_slot(seed, after)
    except ValueError as error:
        logger.error("seed %s (%s): %s", seed.pk, seed.name, error)
        return None


def open_slot(seed_id: int, slot: datetime, now: datetime) -> Run | None:
    """Answer a due slot in one transaction: its row in the ledger, and the seed's next slot.

    Slots that passed while nothing ran are written as missed and the latest is run, once. A seed whose
    last crawl still runs skips the slot. A slot that is not the seed's next one is somebody's repeat:
    nothing happens. Returns the run to start, if any.
    """
    with transaction.atomic():
        seed = Seed.objects.scheduled().select_for_update().filter(pk=seed_id, next_slot=slot).first()
        if seed is None or slot > now + EARLY:
            return None
        due = [slot, *_later(seed, slot, now)]
        run = _answer(seed, due, now)
        seed.next_slot = following(seed, max(now, due[-1]))
        seed.save(update_fields=["next_slot"])
    return run


def _later(seed: Seed, slot: datetime, now: datetime) -> list[datetime]:
    try:
        return slots.slots_between(seed, slot, now, MISSED_ROWS)
    except ValueError:
        return []


def _answer(seed: Seed, due: list[datetime], now: datetime) -> Run | None:
    """Write the rows of these slots, the last of which is current."""
    *missed, current = due
    rows = [_closed(seed, slot, now, Run.State.MISSED, DOWNTIME) for slot in missed]
    if len(due) > MISSED_ROWS:
        rows[0].reason = f"{DOWNTIME}; so were all slots from then to {due[1]:%Y-%m-%d %H:%M} UTC"
    overlaps = seed.runs.filter(state__in=_LIVE).exclude(kind=Run.Kind.RECRAWL).exists()
    if overlaps:
        rows.append(_closed(seed, current, now, Run.State.SKIPPED, OVERLAP))
    Run.objects.bulk_create(rows, ignore_conflicts=True)
    return None if overlaps else create_run(seed, Run.Kind.SCHEDULED, current, now)


def _closed(seed: Seed, slot: datetime, now: datetime, state: Run.State, reason: str) -> Run:
    return Run(
        seed=seed,
        kind=Run.Kind.SCHEDULED,
        slot=slot,
        state=state,
        reason=reason,
        created_at=now,
        finished_at=now,
    )


def overdue_slots(before: datetime, limit: int) -> list[tuple[int, datetime]]:
    """Seeds whose slot came due before ``before`` and was not opened: the clock's message was lost."""
    due = Seed.objects.scheduled().filter(next_slot__lt=before).order_by("next_slot")
    return [(pk, slot) for pk, slot in due.values_list("pk", "next_slot")[:limit] if slot]


def put_on_commit(seed: Seed) -> None:
    """Tell the clock of the seed's slot once the transaction is through; never fails the caller."""
    seed_id, slot = seed.pk, seed.next_slot
    transaction.on_commit(lambda: entries.put(seed_id, slot), robust=True)
