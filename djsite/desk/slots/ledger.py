"""The rows of the ledger behind the calendar of a seed: those whose slots touch a span of time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q, QuerySet

from catalog.models import Run, Seed
from djsite.desk.slots.account import Account, LedgerRow, account
from scheduler.clock import slots


def account_of(seed: Seed, begin: datetime, end: datetime, now: datetime) -> Account:
    """Every slot of ``seed`` from ``begin`` until before ``end``, with what happened to it."""
    return account(seed, ledger_rows(seed, begin, end), begin, end, now)


def ledger_rows(seed: Seed, begin: datetime, end: datetime) -> list[LedgerRow]:
    """Rows of the slots from ``begin`` until before ``end``, in two queries.

    A row for many slots may have begun before; as no two rows overlap, that can only be the last one before.
    """
    before = list(_fields(_scheduled(seed).filter(slot__lt=begin).order_by("-slot")[:1]))
    within = _fields(_scheduled(seed).filter(slot__gte=begin, slot__lt=end).order_by("slot"))
    return [row for row in before if row.last_slot and row.last_slot >= begin] + within


def _scheduled(seed: Seed) -> QuerySet[Run]:
    return Run.objects.filter(seed=seed, kind=Run.Kind.SCHEDULED)


def _fields(runs: QuerySet[Run]) -> list[LedgerRow]:
    successes = F("stored") + F("unchanged")
    failed = F("failed") - F("known_failures")
    rows = runs.values_list("pk", "slot", "slots", "last_slot", "state", "reason", successes, failed)
    return [LedgerRow(*row) for row in rows]


def most_slots(seed: Seed, begin: datetime, end: datetime) -> int:
    """An upper bound of the slots of a span: those of the schedule, and those that have a row."""
    try:
        scheduled = slots.count_between(seed, max(begin, seed.created_at), end) if begin < end else 0
    except (ValueError, OverflowError):
        scheduled = 0
    return scheduled + _scheduled(seed).filter(Q(slot__gte=begin, slot__lt=end)).count()


def runs_of(keys: set[int]) -> dict[int, Run]:
    """The runs that a table of slots shows."""
    return Run.objects.in_bulk(keys)
