"""Groups: making, changing and deleting one; what it gives is written into the seeds that take it.

A seed keeps the values in its own columns, so whatever reads a seed needs no group. Somebody who changes a
setting of the seed itself makes it its own (:func:`djsite.desk.seeds.save`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from catalog.models import Seed, SeedGroup
from djsite.desk import audit, seeds
from djsite.desk.audit import AnyUser
from djsite.desk.grouping import settings as group_settings


@dataclass(frozen=True)
class Member:
    """A seed of a group: what it takes, and what it has of its own though the group gives it."""

    seed: Seed
    takes: list[str]
    own: list[str]


def members(group: SeedGroup) -> list[Member]:
    """The seeds of a group that people see, by name."""
    given = group_settings.given(group.settings)
    return [
        Member(
            seed,
            [group_settings.LABELS[name] for name in given if name in seed.inherits],
            [group_settings.LABELS[name] for name in given if name not in seed.inherits],
        )
        for seed in _seeds(group)
    ]


def write(group: SeedGroup, now: datetime, user: AnyUser | None, besides: Collection[int] = ()) -> str:
    """Save a group whose settings were checked, and have its seeds take them; the name by which to undo that.

    What a seed has of its own it keeps; a setting that the group did not give before is taken by all. Seeds
    ``besides``, by id, are written by the caller.
    """
    before = SeedGroup.objects.filter(pk=group.pk).values_list("settings", flat=True).first() or {}
    group.save()
    news = [name for name in group_settings.given(group.settings) if name not in group_settings.given(before)]
    bulk = uuid4().hex
    for pk in [seed.pk for seed in _seeds(group) if seed.pk not in besides]:
        _take(pk, group, news, now, user, bulk)
    return bulk


def take_again(group: SeedGroup, seed: Seed, now: datetime, user: AnyUser | None) -> None:
    """Have a seed of a group take all that the group gives."""
    _take(seed.pk, group, group_settings.given(group.settings), now, user, "")


def delete(group: SeedGroup, now: datetime, user: AnyUser | None) -> None:
    """Delete a group; its seeds keep the values that they have."""
    with transaction.atomic():
        audit.note(user, _seeds(group), f"Group {group.name} is deleted")
        Seed.objects.filter(group=group).update(group=None, inherits=[])
        group.delete()


def joining(seed: Seed, group: SeedGroup | None) -> dict[str, Any]:
    """The columns of a seed that joins a group and takes all that it gives; or leaves its group."""
    if group is None:
        return {"group_id": None, "inherits": []}
    given = group_settings.given(group.settings)
    columns = group_settings.columns_of(group.settings, given)
    return {"group_id": group.pk, "inherits": given, **columns}


def _seeds(group: SeedGroup) -> Iterable[Seed]:
    return Seed.objects.alive().filter(group=group).order_by("name")


@transaction.atomic
def _take(
    pk: int, group: SeedGroup, news: Sequence[str], now: datetime, user: AnyUser | None, bulk: str
) -> None:
    seed = Seed.objects.alive().select_for_update(no_key=True).filter(pk=pk, group=group).first()
    if seed is None:
        return
    seed.group = group
    seed.inherits = [
        name for name in group_settings.given(group.settings) if name in seed.inherits or name in news
    ]
    for column, value in group_settings.columns_of(group.settings, seed.inherits).items():
        setattr(seed, column, value)
    seeds.save(seed, now, user, bulk=bulk)
