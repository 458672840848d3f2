"""The outbox of a channel: which message is next, made of the notices that are due.

A message does not change after it was made, and the next one is made when it was delivered or given up.
A test goes before all others: somebody waits for it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from catalog.models import Channel, Event, Message, Notice
from pipelines import work_leases
from pipelines.telling.content import body_of, body_of_test, subject_of
from pipelines.telling.sending.quiet import quiet_end

MOST = 5_000  # events of one message; the body names each
KEPT = 10_000  # notices that a channel keeps which is off or failing; of more, the oldest are dropped
PROMISE = "A promise"  # in place of an alert's name


def call(channel_ids: Collection[int], at: datetime) -> None:
    """Have channels looked at from then on; in the transaction that writes what they are to tell."""
    later = Q(due_at=None) | Q(due_at__gt=at)
    Channel.objects.filter(later, pk__in=channel_ids).update(due_at=at)


def due_channels(now: datetime, most: int) -> list[int]:
    """Channels that have something to send now and that no worker has, those that wait longest first."""
    forgotten = Notice.objects.filter(channel=OuterRef("pk"), message=None, due_at__lte=now)
    due = Q(due_at__lte=now) | Q(Exists(forgotten), due_at=None, enabled=True)
    free = Channel.objects.exclude(work_leases.held(now), lease_until__isnull=False)
    return list(free.filter(due).order_by("due_at", "pk").values_list("pk", flat=True)[:most])


def next_message(row: work_leases.Row, token: str, now: datetime) -> Message | None:
    """What is to be tried now by the worker with this token; made if there is no message yet. Commits.

    Raises:
        LeaseLost: another worker has the channel.
    """
    with transaction.atomic():
        work_leases.renew(row, token, now)  # the row is locked from here on
        channel = row.get()
        if message := tests(channel).first():
            return message
        if not channel.enabled or quiet_end(channel, now):
            return None
        if message := waiting(channel).first():
            return message if message.next_try_at is None or message.next_try_at <= now else None
        return _make(channel, now)


def next_due(channel: Channel, now: datetime) -> datetime | None:
    """When there is something to send next, after quiet hours; None: nothing waits."""
    if tests(channel).exists():
        return now
    if not channel.enabled:
        return None
    if message := waiting(channel).first():
        due = message.next_try_at or now
    else:
        due = unsent(channel).aggregate(first=Min("due_at"))["first"]
    return due and (quiet_end(channel, max(due, now)) or due)


def waiting(channel: Channel) -> QuerySet[Message]:
    """Messages that are neither delivered nor given up, in their order; no tests."""
    return _open(channel).exclude(body__has_key="test")


def tests(channel: Channel) -> QuerySet[Message]:
    """Tests that have no answer yet."""
    return _open(channel).filter(body__has_key="test")


def unsent(channel: Channel) -> QuerySet[Notice]:
    """Notices that are in no message yet."""
    return channel.notices.filter(message=None)


def ask_test(channel: Channel, now: datetime) -> Message:
    """Have a test sent, with one attempt. In a transaction of its caller or its own."""
    body = body_of_test()
    message = channel.messages.create(subject=subject_of(body), body=body, created_at=now)
    call([channel.pk], now)
    return message


def replay(message: Message, now: datetime) -> Message:
    """Have a message sent once more: another one with the same content, behind those that wait."""
    again = Message.objects.create(
        channel=message.channel,
        subject=message.subject,
        body=message.body,
        created_at=now,
        replay_of=message,
    )
    call([message.channel_id], now)
    return again


def drop_surplus() -> int:
    """Of channels that are off or failing, drop the oldest notices beyond KEPT; the next message says so."""
    dropped = 0
    for channel in Channel.objects.filter(Q(enabled=False) | Q(failing_since__isnull=False)):
        last = unsent(channel).order_by("-event_id").values_list("event_id", flat=True)[KEPT : KEPT + 1]
        for event_id in last:
            with transaction.atomic():
                Channel.objects.select_for_update(no_key=True).get(
                    pk=channel.pk
                )  # as who makes messages does
                number, _ = unsent(channel).filter(event_id__lte=event_id).delete()
                Channel.objects.filter(pk=channel.pk).update(dropped=F("dropped") + number)
            dropped += number
    return dropped


def _open(channel: Channel) -> QuerySet[Message]:
    return channel.messages.filter(state=Message.State.WAITING).order_by("pk")


def _make(channel: Channel, now: datetime) -> Message | None:
    """One message of the notices that are due, in the order of their events."""
    due = unsent(channel).filter(due_at__lte=now).order_by("event_id").select_related("alert")
    notices = list(due[:MOST])
    if not notices:
        return None
    events = Event.objects.select_related("seed").order_by("pk")
    told = list(events.filter(pk__in=[notice.event_id for notice in notices]))
    alerts = {notice.alert.name if notice.alert else PROMISE for notice in notices}
    body = body_of(told, alerts, channel.dropped)
    message = channel.messages.create(subject=subject_of(body), body=body, created_at=now)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(message=message)
    Channel.objects.filter(pk=channel.pk).update(dropped=0)
    message.refresh_from_db()  # PostgreSQL keeps JSON in another order: every attempt sends the same bytes
    return message
