"""A standstill: somebody paused everything. What it stopped is remembered: only that goes on."""

from __future__ import annotations

from datetime import datetime

import msgspec

from catalog.models import Chore

CHORE = "standstill"


class Standstill(msgspec.Struct, frozen=True):
    """Since when and by whom all is paused; the seeds and runs (ids) that were not paused before."""

    since: datetime
    by: str
    seeds: tuple[int, ...]
    runs: tuple[int, ...]


def standstill() -> Standstill | None:
    """The one that is going on; None while things run."""
    result = Chore.objects.filter(name=CHORE).values_list("result", flat=True).first()
    return msgspec.convert(result, Standstill) if result else None


def locked() -> Chore:
    """The row that has it, locked until the transaction ends: two people decide one after the other."""
    Chore.objects.get_or_create(name=CHORE)
    return Chore.objects.select_for_update().get(name=CHORE)


def write(chore: Chore, current: Standstill | None) -> None:
    """Keep what is going on in its locked row."""
    chore.result = {} if current is None else msgspec.to_builtins(current)
    chore.save(update_fields=["result"])
