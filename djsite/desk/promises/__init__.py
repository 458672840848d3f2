"""Promises about the data of seeds: writing them, and what a broken one holds. What they say: ``words``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from catalog.models import Channel, Promise, Seed
from djsite.desk import audit
from djsite.desk.audit import AnyUser
from djsite.desk.promises.words import words_of
from pipelines.promises import put_in_force

__all__ = ["delete", "list_promises", "save"]


def list_promises(seed: Seed) -> list[tuple[Promise, str]]:
    """Those of a seed by their deadlines, each with what it says."""
    rows = seed.promises.select_related("seed").prefetch_related("channels").order_by("deadline", "pk")
    return [(promise, words_of(promise)) for promise in rows]


@transaction.atomic
def save(promise: Promise, channels: Iterable[Channel], user: AnyUser, now: datetime) -> None:
    """Put in force what somebody has written; the history of its seed says who did."""
    put_in_force(promise, now)
    promise.channels.set(channels)
    audit.note(user, [promise.seed], f"Promised: {words_of(promise)}")


@transaction.atomic
def delete(promise: Promise, user: AnyUser) -> None:
    """Promise it no more; what it held is held no more."""
    audit.note(user, [promise.seed], f"No longer promised: {words_of(promise)}")
    promise.delete()
