"""The change set of one transaction: a row only if something is new, changed or gone."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from catalog.models import ChangeSet


class Changes:
    """Asked for ``id`` where a row is marked; the first time inserts the change set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    @cached_property
    def id(self) -> int:
        return ChangeSet.objects.create(created_at=self.now).pk
