"""Channels: what people may ask for and what they are shown. Secrets go in, and never come out."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.clock import db_now
from catalog.models import Channel, Message, Notice
from djsite.desk import audit
from djsite.desk.access import receivers
from djsite.desk.access.receivers import kept_secrets
from djsite.desk.audit import AnyUser
from djsite.desk.words import StateWords, ago, rough_span
from pipelines.telling import kinds
from pipelines.telling.content import rest_of
from pipelines.telling.kinds.kind import NETWORKS, SITE, Kind, Problems, check_common
from pipelines.telling.kinds.webhook import new_key
from pipelines.telling.sending import delivery, outbox
from scheduler import dispatch

__all__ = ["NETWORKS", "SITE", "Kind", "kind_of", "new_key", "rest_of"]
PLACE = "place"  # the option that says whose server a secret address leads to
SERVER = ("host", "port", "security")  # the options that say which receiver it is
kind_of = kinds.kind_of


class NotPossible(Exception):
    """What somebody asks for cannot be done; a sentence for them."""


@dataclass(frozen=True)
class KindChoice:
    """A kind as people choose it."""

    name: str
    label: str


def kind_choices() -> list[KindChoice]:
    """The kinds that can be used, in the order in which people choose."""
    choices = []
    for name in kinds.names():
        try:
            choices.append(KindChoice(name, kind_of(name).LABEL))
        except ValueError:
            continue  # the doctor names it
    return choices


def kind_label(name: str) -> str:
    """A kind for people; its name if it can no longer be used."""
    return next((choice.label for choice in kind_choices() if choice.name == name), name)


def list_channels() -> QuerySet[Channel]:
    """All channels by name, each with how many things wait to be told by it (``waiting``)."""
    notices = Notice.objects.order_by()  # each count by an index of what waits, whatever was told before
    unsent = notices.filter(channel=OuterRef("pk"), message=None).values("channel")
    on_the_way = notices.filter(message__channel=OuterRef("pk"), message__state=Message.State.WAITING)
    waiting = _count(unsent) + _count(on_the_way.values("message__channel"))
    return Channel.objects.annotate(waiting=waiting).select_related("owner")


def _count(groups: QuerySet[Notice, Any]) -> Coalesce:
    return Coalesce(Subquery(groups.annotate(count=Count("pk")).values("count")), 0)


def messages_of(channel: Channel) -> QuerySet[Message]:
    """What was sent or is to be sent by a channel."""
    return Message.objects.filter(channel=channel)


def state_of(channel: Channel) -> StateWords:
    """Whether a channel works, in words."""
    if not channel.enabled:
        return StateWords("off", "idle", "It is switched off. What happens meanwhile is kept and told later.")
    if channel.failing_since:
        since = rough_span((timezone.now() - channel.failing_since).total_seconds())
        return StateWords("failing", "bad", f"For {since}: {channel.last_error}")
    if channel.last_delivered_at:
        return StateWords("works", "good", f"The last message arrived {ago(channel.last_delivered_at)}.")
    return StateWords("not used yet", "none", "Nothing was sent by it yet. Send a test.")


def message_state(message: Message) -> StateWords:
    """How a message fares, in words."""
    if message.state == Message.State.DELIVERED:
        return StateWords("delivered", "good")
    if message.state == Message.State.GIVEN_UP:
        return StateWords(
            "not delivered", "bad", "It is not tried again. Send it again when the channel works."
        )
    if not message.attempts:
        return StateWords("waiting", "run")
    words, again = "It is tried soon.", message.next_try_at
    if again is not None and again > timezone.now():
        words = f"Next try {ago(again)}."
    return StateWords("will be tried again", "warn", words)


def check(channel: Channel, options: Mapping[str, Any], given: Mapping[str, str]) -> Problems:
    """What is wrong with settings; secrets that are not given stay as they are."""
    kind = kind_of(channel.kind)
    problems = {**check_common(options), **kind.check(options, {**kept_secrets(channel), **given})}
    before = Channel.objects.filter(pk=channel.pk).first() or channel
    return {**receivers.follow(before, options, given, SERVER), **problems}


def save(
    channel: Channel,
    options: Mapping[str, Any],
    given: Mapping[str, str],
    now: datetime,
    user: AnyUser,
) -> None:
    """Write a channel that was checked; what waits for it is tried at once.

    Raises:
        PermissionDenied: it would reach a private network, and the user is not staff.
    """
    if not receivers.may_save(user, Channel.objects.filter(pk=channel.pk).first(), options):
        raise PermissionDenied("Only staff open private networks.")
    secret = {name: value for name, value in {**kept_secrets(channel), **given}.items() if value}
    channel.secret = json.dumps(secret) if secret else ""
    channel.options = {**options, PLACE: _place(secret, options)}
    added = channel.pk is None
    with transaction.atomic():
        if added:
            channel.owner_id = user.pk
        channel.save()
        _try_at_once(channel, now)
        audit.note(user, [channel], receivers.saved_words(given), added=added)


def _try_at_once(channel: Channel, now: datetime) -> None:
    outbox.waiting(channel).update(next_try_at=now)
    outbox.call([channel.pk], now)
    dispatch.deliver(channel.pk)


def _place(secret: Mapping[str, str], options: Mapping[str, Any]) -> str:
    """Where a channel leads, as far as it may be shown."""
    if to := options.get("to"):
        return ", ".join(to)
    return receivers.server_of(secret.get("url", ""))


def switch(channel: Channel, enabled: bool, now: datetime, user: AnyUser) -> None:
    """Switch a channel on or off."""
    with transaction.atomic():
        if Channel.objects.filter(pk=channel.pk).exclude(enabled=enabled).update(enabled=enabled):
            audit.note(user, [channel], f"Switched {'on' if enabled else 'off'}.")
        if enabled:
            _try_at_once(channel, now)


def remove(channel: Channel, user: AnyUser) -> None:
    """Delete a channel with its messages; alerts that used it tell by their others."""
    audit.note(user, [channel], "Deleted.")
    channel.delete()


def send_test(channel: Channel, now: datetime) -> Message:
    """Have a test sent."""
    message = outbox.ask_test(channel, now)
    dispatch.deliver(channel.pk)
    return message


def replay(message: Message, now: datetime) -> Message:
    """Have a message sent once more. Raises :class:`NotPossible` for one that still waits."""
    if message.state == Message.State.WAITING:
        raise NotPossible("This message was not delivered yet; it is tried again by itself.")
    if message.body.get("test"):
        return send_test(message.channel, now)
    again = outbox.replay(message, now)
    dispatch.deliver(message.channel_id)
    return again


def test_here(channel: Channel, seconds: float = 60.0) -> Message:
    """Send a test from this process, or wait for the worker that has the channel; the message then."""
    message = outbox.ask_test(channel, db_now())
    end = time.monotonic() + seconds
    while message.state == Message.State.WAITING and time.monotonic() < end:
        delivery.deliver(channel.pk, db_now())
        message.refresh_from_db()
        if message.state == Message.State.WAITING:
            time.sleep(0.5)
    return message
