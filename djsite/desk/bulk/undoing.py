"""Undoing what was done to many seeds, as far as nobody has changed it since."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Seed, SeedEdit
from djsite.desk import audit, seeds
from djsite.desk.audit import AnyUser
from djsite.desk.seeding import deleting
from djsite.desk.seeding.edits import Author

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Undoable:
    """Something that was done to many seeds: to how many, and whether they were deleted."""

    bulk: str
    count: int
    is_deletion: bool


def undoable(bulk: str, now: datetime) -> Undoable | None:
    """What was done under a name in the last day; None if it is too long ago, or nothing."""
    kinds = Counter(_edits(bulk, now).values_list("kind", flat=True)) if bulk else Counter[str]()
    if not kinds:
        return None
    return Undoable(bulk, kinds.total(), SeedEdit.Kind.DELETED in kinds)


def undo(bulk: str, now: datetime, user: AnyUser) -> str:
    """Bring seeds back to what they were before; a sentence says how many, and which stay."""
    results = [_undo(edit.pk, now, user) for edit in _edits(bulk, now)]
    undone, others = sum(results), len(results) - sum(results)
    if not results:
        return "There is nothing to undo any more."
    stay = f" Changed since, so left as they are: {others:,}." if others else ""
    return f"Undone: {undone:,} seed{' is' if undone == 1 else 's are'} as before.{stay}"


def _edits(bulk: str, now: datetime) -> QuerySet[SeedEdit]:
    return SeedEdit.objects.filter(bulk=bulk, at__gt=now - DAY).order_by("pk")


@transaction.atomic
def _undo(pk: int, now: datetime, user: AnyUser) -> bool:
    edit = SeedEdit.objects.get(pk=pk)
    if edit.kind == SeedEdit.Kind.DELETED:
        return deleting.bring_back(edit.seed_id, now, Author(user)) is not None
    seed = Seed.objects.alive().select_for_update(no_key=True).filter(pk=edit.seed_id).first()
    if seed is None or any(getattr(seed, name) != value for name, value in edit.after.items()):
        return False
    for name, value in edit.before.items():
        setattr(seed, name, value)
    seeds.save(seed, now, user)
    audit.note(user, [seed], f"Undone: {', '.join(edit.before)}")
    return True
