"""Messages and notices that are no longer needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from catalog.models import Delivery, Message, Notice
from catalog.sql import bulk
from pipelines.telling.sending import outbox

DAYS = 90  # that a message which is delivered or given up is kept, with its attempts and answers
CHUNK = 200  # messages deleted in one transaction; each may have thousands of notices


def old_messages(before: datetime) -> Iterator[object]:
    """Messages made earlier that nobody sends any more, with their attempts and notices."""
    old = Message.objects.filter(created_at__lt=before).exclude(state=Message.State.WAITING)
    while keys := list(old.order_by("created_at").values_list("pk", flat=True)[:CHUNK]):
        _delete(keys)
        yield keys


def surplus() -> Iterator[object]:
    """Notices that a channel which is off or failing has too many of."""
    yield outbox.drop_surplus()


def _delete(keys: list[int]) -> None:
    with transaction.atomic():
        Message.objects.filter(replay_of__in=keys).update(replay_of=None)
        for model in (Delivery, Notice):
            bulk.delete(model, "message_id", keys)
        bulk.delete(Message, "id", keys)
