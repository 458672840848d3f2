"""The change set of one transaction and its events: rows only if something is new, changed or gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from catalog.models import ChangeSet
from pipelines.events.rows import EventRow, write_events


class Changes:
    """Asked for ``id`` where a row is marked; the first time inserts the change set.

    Whoever makes one calls :meth:`write_events` when all rows are written that the events tell of.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._events: list[EventRow] = []

    @cached_property
    def id(self) -> int:
        return ChangeSet.objects.create(created_at=self.now).pk

    def tell(self, events: Iterable[EventRow]) -> None:
        """Keep events of pages and records until they are written."""
        for event in events:
            event.changed_in_id = self.id
            self._events.append(event)

    def write_events(self) -> int:
        """Write what was told since the last time, and say how many they are."""
        events, self._events = self._events, []
        write_events(events)
        return len(events)
