"""ChangeSet: one transaction that changed pages or records, numbered after its commit."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ChangeSet(models.Model):
    """What the rows of pages and records point at that one transaction made new, changed or gone.

    An id is given before the commit, so ids say nothing about the order of commits. ``number`` does: it is
    given in a transaction of its own, to sets that are committed. Who sees a number sees all lower ones.
    """

    number = models.PositiveBigIntegerField(null=True, unique=True)  # 1, 2, …; null: not numbered yet
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(number=None), name="change_set_unnumbered")]

    def __str__(self) -> str:
        return f"change set {self.number or 'without number'}"


def change_set() -> models.ForeignKey[ChangeSet | None, ChangeSet | None]:
    """A column that names a change set, or none. Without a constraint: sets are never deleted."""
    return models.ForeignKey(
        ChangeSet,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
