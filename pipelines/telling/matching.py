"""Matching: what happened meets the alerts, and becomes rows of the outbox.

An event is settled in the transaction that writes its notices, so it is told once, and none is lost: what no
transaction has settled stays to be settled. One transaction at a time matches, so what comes first is due
first in every channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Alert, Event, Seed
from catalog.sql.turns import MATCH_EVENTS, wait_for_turn
from pipelines.promises.telling import channels_of
from pipelines.telling.alerts.conditions import CONFIRMABLE
from pipelines.telling.alerts.notices import Notices
from pipelines.telling.alerts.texts import texts_around
from pipelines.telling.alerts.watchers import Watcher, watchers_of
from pipelines.telling.second_looks import await_second_look

SLICE = 200  # events of a transaction, so that it is short
State = Event.State


def events_wait() -> bool:
    """Whether there are events that no alert has looked at."""
    return _to_settle().exists()


def match_events(now: datetime) -> bool:
    """Match some events, the oldest first; whether there may be more to do at once."""
    with transaction.atomic():
        wait_for_turn(MATCH_EVENTS)
        events = list(_to_settle().order_by("pk").select_for_update(no_key=True)[:SLICE])
        if not events:
            return False
        match = _Match(now)
        match.look_at(events)
        match.write(events)
    return len(events) == SLICE or any(event.state == State.CONFIRMED for event in match.awaited)


def _to_settle() -> QuerySet[Event]:
    return Event.objects.filter(state__in=Event.TO_SETTLE)


@dataclass
class _Match:
    """A slice of events against the alerts."""

    now: datetime
    notices: Notices = field(default_factory=Notices)
    awaited: list[Event] = field(default_factory=list)
    met: set[int] = field(default_factory=set)  # alerts that tell of something

    def look_at(self, events: Sequence[Event]) -> None:
        """Find what each event is told by; nobody is told of a seed that was deleted."""
        seeds = {event.seed_id for event in events}
        alive = set(Seed.objects.alive().filter(pk__in=seeds).values_list("pk", flat=True))
        watchers, texts = watchers_of(alive, self.now), cache(texts_around)
        for event in events:
            if event.seed_id in alive:
                self.notices.add(event, [channel.pk for channel in channels_of(event)], self.now, None)
                self._tell(event, [each for each in watchers if each.is_met_by(event, texts)])

    def write(self, events: Sequence[Event]) -> None:
        """Write the notices, and what becomes of the events."""
        self.notices.write()
        Alert.objects.filter(pk__in=self.met).update(last_met_at=self.now)
        waiting = {event.pk for event in self.awaited}
        settled = [event.pk for event in events if event.pk not in waiting]
        Event.objects.filter(pk__in=settled).update(state=State.SETTLED)
        if self.awaited:
            await_second_look(self.awaited, self.now)

    def _tell(self, event: Event, watchers: Sequence[Watcher]) -> None:
        """Tell the channels of those who do not wait; let the event wait for the others, if there are any."""
        later = [each for each in watchers if _waits(event, each.alert)]
        channels: set[int] = set()
        for each in watchers:
            if not _waits(event, each.alert):
                self.notices.add(event, each.channel_ids(event), each.due_at or self.now, each.alert)
                self.met.add(each.alert.pk)
                channels |= each.channel_ids(event)
        if any(each.channel_ids(event) - channels for each in later):
            self.awaited.append(event)


def _waits(event: Event, alert: Alert) -> bool:
    """Whether an alert tells of an event only after a second look, which is still to come."""
    return alert.second_look and event.state != State.CONFIRMED and event.kind in CONFIRMABLE
