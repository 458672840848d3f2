"""Delivering: one worker at a time tries the messages of a channel, in their order.

An attempt is counted and committed before the connection is opened, its result after. A worker that dies in
between leaves an attempt without an answer, and the message is tried again: it arrives at least once, and
its uid lets the receiver drop doubles. A worker that lost its lease may still end an attempt; it tries
nothing further.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Min, Value
from django.db.models.functions import Coalesce

from catalog.models import Channel, Delivery, Message
from catalog.sealing import SealingError, unseal_names
from pipelines import work_leases
from pipelines.telling.kinds import kind_of
from pipelines.telling.kinds.kind import ANSWER_CHARACTERS, Answer, Sending
from pipelines.telling.sending import outbox
from pipelines.telling.sending.tries import History, next_try
from pipelines.work_leases import LeaseLost

SECONDS = 30.0  # after this no further message is begun: other channels wait, too
CUT_OFF = "No answer: the worker died, or was ended."
HIDDEN = "…"  # instead of a secret that a receiver repeats
_LEAST_HIDDEN = 6  # characters

log = logging.getLogger(__name__)


def deliver(channel_id: int, now: datetime) -> datetime | None:
    """Send what is due, until an attempt fails. Returns when there is more to send, None if nothing waits.

    Nothing is done, and None returned, while another worker has the channel.
    """
    row = Channel.objects.filter(pk=channel_id)
    token = work_leases.take(row, now)
    if token is None:
        return None
    began, moment = monotonic(), now
    try:
        while message := outbox.next_message(row, token, moment):
            delivered = _attempt(row, token, message, moment)
            elapsed = monotonic() - began
            moment = now + timedelta(seconds=elapsed)
            if elapsed > SECONDS or not delivered:
                break
        return _give_back(row, token, moment)
    except LeaseLost as error:
        log.info("channel %s: %s", channel_id, error)
        return None


def secrets_of(channel: Channel) -> dict[str, str]:
    """The secrets of a channel by name. Raises ``SealingError``."""
    return unseal_names(channel.secret)


def _attempt(row: work_leases.Row, token: str, message: Message, now: datetime) -> bool:
    """Try a message once; whether it is out of the way for the next one."""
    number = _begin(row, token, message, now)
    if number is None:
        return True
    began = monotonic()
    answer = _send(message, now)
    elapsed = monotonic() - began
    return _end(message, number, answer, now, elapsed)


def _begin(row: work_leases.Row, token: str, message: Message, now: datetime) -> int | None:
    """Count an attempt; None if the message was given up instead. Should nobody end it, it is tried again."""
    with transaction.atomic():
        history = _history(message, now)
        cut_off = Answer(False, CUT_OFF)
        again = next_try(history, cut_off, now)
        if again is None:
            _give_up(message)
            return None
        changes: dict[str, Any] = {"due_at": again}
        if message.attempts:
            changes["failing_since"] = Coalesce("failing_since", Value(now))
        work_leases.renew(row, token, now, **changes)
        Message.objects.filter(pk=message.pk).update(attempts=history.attempts, next_try_at=again)
        Delivery.objects.create(
            message=message, number=history.attempts, at=now, delivered=False, answer=CUT_OFF
        )
    return history.attempts


def _history(message: Message, now: datetime) -> History:
    """Of the attempt that begins now, and those before it."""
    first = message.deliveries.aggregate(first=Min("at"))["first"] or now
    return History(message.attempts + 1, first)


def _send(message: Message, now: datetime) -> Answer:
    """One attempt by the kind of the channel; what has no settings or no key ends here."""
    channel = message.channel
    try:
        secret = secrets_of(channel)
        kind = kind_of(channel.kind)
    except (SealingError, ValueError) as error:
        return Answer(False, str(error), refused=True)
    sending = Sending(
        uid=message.uid,
        subject=message.subject,
        body=message.body,
        created_at=message.created_at,
        at=now,
        channel=channel.name,
        options=channel.options,
        secret=secret,
    )
    return without_secrets(kind.send(sending), secret)


def _end(message: Message, number: int, answer: Answer, now: datetime, elapsed: float) -> bool:
    """Write down how an attempt ended; whether the next message may be tried."""
    ended = now + timedelta(seconds=elapsed)
    with transaction.atomic():
        Delivery.objects.filter(message=message, number=number).update(
            delivered=answer.delivered,
            status=answer.status,
            answer=answer.text[:ANSWER_CHARACTERS],
            elapsed_ms=round(elapsed * 1000),
        )
        if answer.delivered:
            _delivered(message, ended)
            return True
        return _failed(message, number, answer, ended)


def _delivered(message: Message, now: datetime) -> None:
    Channel.objects.filter(pk=message.channel_id).update(  # first, as whoever has the lease locks it first
        failing_since=None, last_error="", last_delivered_at=now
    )
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.DELIVERED, delivered_at=now, next_try_at=None
    )
    if message.body.get("test"):  # the receiver is there, so what waits for it need not wait
        outbox.waiting(message.channel).update(next_try_at=now)


def _failed(message: Message, number: int, answer: Answer, now: datetime) -> bool:
    first = message.deliveries.aggregate(first=Min("at"))["first"] or now
    again = None if message.body.get("test") else next_try(History(number, first), answer, now)
    Channel.objects.filter(pk=message.channel_id).update(
        failing_since=Coalesce("failing_since", Value(now)), last_error=answer.text
    )
    if again is None:
        _give_up(message)
        return True
    Message.objects.filter(pk=message.pk, state=Message.State.WAITING).update(next_try_at=again)
    return False


def _give_up(message: Message) -> None:
    unsent = Message.objects.filter(pk=message.pk, state=Message.State.WAITING)
    unsent.update(state=Message.State.GIVEN_UP, next_try_at=None)


def _give_back(row: work_leases.Row, token: str, now: datetime) -> datetime | None:
    """Leave the channel with the time at which there is more; what is added meanwhile waits for us."""
    with transaction.atomic():
        work_leases.renew(row, token, now)  # the row is locked from here on
        due = outbox.next_due(row.get(), now)
        work_leases.give_back(row, token, due_at=due)
    return due


def without_secrets(answer: Answer, secret: Mapping[str, str]) -> Answer:
    """A receiver may repeat what it was asked with."""
    text = answer.text
    for value in secret.values():
        for part in (value, value.partition("://")[2].partition("/")[2]):
            if len(part) >= _LEAST_HIDDEN:
                text = text.replace(part, HIDDEN)
    return Answer(answer.delivered, text, answer.status, answer.refused, answer.retry_after)
