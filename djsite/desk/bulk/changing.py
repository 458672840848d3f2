"""Doing something to many seeds: first what would change, then each seed in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from catalog.models import Seed
from djsite.desk import audit, runs, seeds
from djsite.desk.audit import AnyUser
from djsite.desk.bulk.actions import ACTIONS, DELETE, RUN, Action

MOST = 1000  # seeds at once


@dataclass(frozen=True)
class Line:
    """What would become of a seed, in words."""

    seed: Seed
    before: str
    after: str


@dataclass
class Plan:
    """What an action would do: to these seeds something, to so many nothing."""

    lines: list[Line] = field(default_factory=list)
    same: int = 0


@dataclass(frozen=True)
class Done:
    """How many seeds were changed, and the name by which that can be undone; empty if it cannot."""

    count: int
    bulk: str = ""


def chosen(keys: Sequence[int]) -> list[Seed]:
    """The seeds with these keys that people see, by name."""
    return list(Seed.objects.alive().filter(pk__in=keys[:MOST]).order_by("name"))


def plan(of: Sequence[Seed], name: str, text: str) -> Plan:
    """What an action would do. Raises Refused for a text that is none for it, LookupError for no action."""
    if name in (DELETE, RUN):
        words = "deleted; a day to bring it back" if name == DELETE else "a run begins now"
        return Plan([Line(seed, "", words) for seed in of])
    action, result = ACTIONS[name], Plan()
    for seed in of:
        changed = copy(seed)
        if not _apply(action, changed, text):
            result.same += 1
            continue
        result.lines.append(Line(seed, action.words(seed), action.words(changed)))
    return result


def carry_out(keys: Sequence[int], name: str, text: str, now: datetime, user: AnyUser) -> Done:
    """Do it, to each seed as it is now; one line of its history for each that changes.

    Raises:
        Refused, LookupError: as :func:`plan`.
    """
    if name == RUN:
        return Done(_run(keys, now))
    bulk = uuid4().hex
    if name == DELETE:
        gone = chosen(keys)
        seeds.delete(gone, now, user, bulk=bulk)
        return Done(len(gone), bulk if gone else "")
    action = ACTIONS[name]
    plan(chosen(keys), name, text)  # what is refused is refused before anything changes
    count = sum(_change(pk, action, text, now, user, bulk) for pk in keys[:MOST])
    return Done(count, bulk if count else "")


def _run(keys: Sequence[int], now: datetime) -> int:
    return len([runs.run_now(seed, now) for seed in chosen(keys)])


@transaction.atomic
def _change(pk: int, action: Action, text: str, now: datetime, user: AnyUser, bulk: str) -> bool:
    seed = Seed.objects.alive().select_for_update(no_key=True).filter(pk=pk).first()
    if seed is None:
        return False
    before = action.words(seed)
    if not _apply(action, seed, text):
        return False
    seeds.save(seed, now, user, bulk=bulk)
    audit.note(user, [seed], f"{action.label}: {before} → {action.words(seed)}")
    return True


def _apply(action: Action, seed: Seed, text: str) -> bool:
    """Set the columns; whether that changes any."""
    columns = action.columns(seed, text)
    is_other = any(getattr(seed, column) != value for column, value in columns.items())
    for column, value in columns.items():
        setattr(seed, column, value)
    return is_other
