"""Whom a broken promise is told: the channels that it names itself, beside those of alerts."""

from __future__ import annotations

from catalog.models import Channel, Event, Promise


def channels_of(event: Event) -> list[Channel]:
    """The channels to tell of PROMISE_BROKEN and of its end, by id; none for other events.

    One that is switched off keeps it for later, as it does what alerts tell.
    """
    if Event.Kind.PROMISE_BROKEN not in (event.kind, event.ends) or not isinstance(event.before, dict):
        return []
    promise = Promise.objects.filter(pk=event.before["promise"]).first()
    return list(promise.channels.order_by("pk")) if promise is not None else []
