"""An alert on the past: what it would have told, had it been there."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import msgspec
from django.db.models import Q, QuerySet

from catalog.models import Alert, Event
from pipelines.telling.alerts.conditions import OF_COLLECTIONS, OF_FIELDS, OF_TEXTS, kinds_of
from pipelines.telling.alerts.rhythms import due_after
from pipelines.telling.alerts.texts import texts_around
from pipelines.telling.alerts.watchers import Watcher, watcher_of

DAYS = 30
LOOKED_AT, TEXTS_LOOKED_AT = 5_000, 200  # events, the newest first; if texts of pages have to be read
EXAMPLES = 5


@dataclass(frozen=True)
class Past:
    """What an alert would have told."""

    days: int  # the last ones
    whole: bool  # False: there was more in these days than was looked at
    count: int  # of events
    times: int  # in so many messages; of an alert that tells at once, what a run brings counts as one
    examples: list[Event]  # the newest, with their seeds


def would_have_told(alert: Alert, now: datetime, days: int = DAYS) -> Past:
    """What an alert, saved or not, would have told; if it waits for second looks, nothing they withdrew."""
    watcher = watcher_of(alert)
    most = TEXTS_LOOKED_AT if alert.condition in OF_TEXTS else LOOKED_AT
    candidates = list(_candidates(watcher, now - timedelta(days=days))[: most + 1])
    events = list(_that_meet(watcher, candidates[:most]))
    messages = set(_messages(alert, events))
    return Past(days, len(candidates) <= most, len(events), len(messages), events[:EXAMPLES])


def _candidates(watcher: Watcher, since: datetime) -> QuerySet[Event]:
    """The newest events among which those are that meet an alert, as far as a query can tell."""
    alert = watcher.alert
    where = Q(at__gte=since, kind__in=kinds_of(alert.condition), seed__deleted_at=None)
    if alert.seed is not None:
        where &= Q(seed=alert.seed)
    if alert.condition in OF_COLLECTIONS and alert.collection:
        where &= Q(collection=alert.collection)
    if alert.condition in OF_FIELDS and alert.field:
        where &= Q(field=alert.field)
    where &= msgspec.structs.replace(watcher.view, text="").condition()
    events = Event.objects.filter(where).prefetch_related("seed").order_by("-at", "-pk")  # a seed is large
    return events.exclude(state=Event.State.WITHDRAWN) if alert.second_look else events


def _that_meet(watcher: Watcher, events: Iterable[Event]) -> Iterator[Event]:
    texts = cache(texts_around)
    return (event for event in events if watcher.is_met_by(event, texts))


def _messages(alert: Alert, events: Iterable[Event]) -> Iterator[Hashable]:
    """Of each event, what stands for its message."""
    if alert.rhythm == Alert.Rhythm.AT_ONCE:
        return (event.run_id or f"event {event.pk}" for event in events)
    due = cache(lambda minute: due_after(alert, minute))  # of all that happens in a minute
    return (due(event.at.replace(second=0, microsecond=0)) for event in events)
