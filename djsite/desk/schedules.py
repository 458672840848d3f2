"""A seed's schedule for people: in words, with its time zone, and the next due times."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Seed
from crawler.seeds import cron
from scheduler.clock import planning, slots
from scheduler.clock.decisions import describe as describe_policies
from scheduler.clock.slots import describe

__all__ = ["describe", "describe_policies", "next_due", "zone_of"]
NEXT_DUE = 5


def zone_of(seed: Seed) -> str:
    """The seed's time zone, or UTC where that is none: rows may be written without the form."""
    try:
        cron.check_zone(seed.time_zone)
    except ValueError:
        return "UTC"
    return seed.time_zone


def would_be_due(seed: Seed, now: datetime) -> list[datetime]:
    """The next due times that a seed would have if it were saved as it is now."""
    if not planning.active(seed):
        return []
    first = seed.next_slot if seed.slot_rule == slots.rule_of(seed) else None
    if not seed.slot_rule:  # a new seed runs at once
        first = now
    try:
        begun = [first] if first else []
        return [*begun, *slots.next_slots(seed, max(first or now, now), NEXT_DUE - len(begun))]
    except ValueError:
        return []


def next_due(seed: Seed, now: datetime) -> list[datetime]:
    """The next due times: the seed's ``next_slot``, and those that follow from the schedule."""
    if not planning.active(seed):
        return []
    first = seed.next_slot
    try:
        if first is None or first < now:
            return [*([first] if first else []), *slots.next_slots(seed, now, NEXT_DUE - bool(first))]
        return [first, *slots.next_slots(seed, first, NEXT_DUE - 1)]
    except ValueError:
        return []
