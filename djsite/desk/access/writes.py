"""Idempotency keys: a write that is asked for twice is done once, and both get the same answer.

The key belongs to a token. A row is made before the write and gets its answer after it; what happened to a
write whose answer was lost is not known, so it is never done again by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from catalog.models import ApiWrite, Token

UNDER_WAY = timedelta(minutes=5)  # longer than any write takes


class OtherRequest(Exception):
    """The key was used for another request."""


class NotAnswered(Exception):
    """The first call with the key has no answer yet; ``lost``: it never will."""

    def __init__(self, lost: bool) -> None:
        super().__init__(lost)
        self.lost = lost


def begin(token: Token, key: str, request_hash: str, now: datetime) -> ApiWrite:
    """The row of a write: one with an answer was done before, one without is to be done now.

    Raises:
        OtherRequest: the key belongs to another request.
        NotAnswered: it is being done by another call, or its answer was lost.
    """
    with transaction.atomic():
        write, is_new = ApiWrite.objects.get_or_create(
            token=token, key=key, defaults={"request_hash": request_hash, "created_at": now}
        )
    if is_new:
        return write
    if write.request_hash != request_hash:
        raise OtherRequest
    if write.status is None:
        raise NotAnswered(lost=write.created_at < now - UNDER_WAY)
    return write


def finish(write: ApiWrite, status: int, body: Any) -> None:
    """Keep the answer for those who ask again."""
    ApiWrite.objects.filter(pk=write.pk).update(status=status, body=body)


def forget(write: ApiWrite) -> None:
    """The write was refused for the moment and changed nothing: the same key may try again."""
    ApiWrite.objects.filter(pk=write.pk).delete()
