"""Channels and the outbox: where people are told, what they are to be told, what was sent and answered."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.telling.event import Event
from catalog.sealing import SealedText


def new_uid() -> str:
    """The id of a message, by which a receiver drops doubles."""
    return f"msg_{uuid.uuid4().hex}"


def person() -> models.ForeignKey[Any, Any]:
    """A column that names who made a row; it outlives them."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")


class Channel(models.Model):
    """A way to tell people: a mailbox, a webhook, a chat. One message at a time, in order, is on its way."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=40)  # a name of the registry of channel kinds
    enabled = models.BooleanField(default=True)
    options = models.JSONField(default=dict)  # what its kind asks for and may be shown
    secret = SealedText(blank=True)  # addresses with tokens, signing keys: JSON, sealed
    quiet_from = models.TimeField(null=True, blank=True)  # local; nothing is sent from here …
    quiet_until = models.TimeField(null=True, blank=True)  # … to here
    time_zone = models.CharField(max_length=64, default="UTC")
    owner = person()
    created_at = models.DateTimeField(default=timezone.now)

    failing_since = models.DateTimeField(null=True)  # its last delivery failed, and all since then
    last_error = models.TextField(blank=True)
    last_delivered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # when there is something to send; null: nothing waits
    dropped = models.PositiveIntegerField(default=0)  # notices that were too many, since the last message
    lease_token = models.CharField(max_length=32, blank=True)  # of the worker that sends
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="channel_due")]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """What one channel is sent in one piece. It does not change once it was tried: a double is the same."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DELIVERED = "delivered", "delivered"
        GIVEN_UP = "given_up", "given up"

    uid = models.CharField(max_length=40, unique=True, default=new_uid)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="messages", db_index=False)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    subject = models.TextField()
    body = models.JSONField(default=dict)  # see pipelines.telling.content
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    replay_of = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["channel", "id"], condition=Q(state="waiting"), name="message_waiting"),
            models.Index(fields=["channel", "-id"], name="message_of_channel"),
            models.Index(fields=["-created_at"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return self.subject


class Notice(models.Model):
    """The outbox: an event that one channel has to tell, because of one alert or promise.

    Notices that are due together become one message.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="notices", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notices")
    alert = models.ForeignKey("Alert", null=True, on_delete=models.CASCADE, related_name="notices")
    due_at = models.DateTimeField()  # at once, or when its digest is
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="notices")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "event"], name="notice_once_per_channel")]
        indexes = [
            models.Index(fields=["channel", "due_at"], condition=Q(message=None), name="notice_waiting"),
        ]

    def __str__(self) -> str:
        return f"notice of event {self.event_id} for channel {self.channel_id}"


class Delivery(models.Model):
    """One attempt to deliver a message, and the answer."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    delivered = models.BooleanField()
    status = models.PositiveSmallIntegerField(null=True)  # of an HTTP answer
    answer = models.CharField(max_length=500, blank=True)  # its beginning, or what went wrong
    elapsed_ms = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="delivery_once")]

    def __str__(self) -> str:
        return f"delivery {self.number} of message {self.message_id}"
