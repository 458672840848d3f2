"""A leased host's best due visits, and handing them over once fetched."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from crawler.records import Lane
from djsite.catalog.models import Batch, Visit


class Due(NamedTuple):
    """A queued visit in a session's hand."""

    id: int
    run_id: int
    url: str
    fingerprint: int
    depth: int
    hops: int
    attempts: int
    rank: int
    kind: int  # VisitKind


def due_visits(
    host_id: int, *, limit: int, max_rank: int, in_hand: Collection[int], now: datetime
) -> list[Due]:
    """The best due visits of a host, without those in hand. The caller holds the host's lease."""
    queued = Visit.objects.filter(
        host_id=host_id, state=Visit.State.QUEUED, rank__lte=max_rank, due_at__lte=now
    ).exclude(pk__in=in_hand)
    return [Due(*row) for row in queued.order_by("rank", "due_at", "pk").values_list(*Due._fields)[:limit]]


class HandOver(NamedTuple):
    """A group on its way out of a session: where its objects lie, its lane and its visits."""

    folder: str
    rank: int
    segment_bytes: int
    visit_ids: list[int]
    due_in: float  # seconds after which its message counts as lost


def hand_over(group: HandOver, now: datetime) -> Batch | None:
    """Make a group's visits FETCHED under a new batch: a compare-and-set, so each belongs to one batch.

    Visits that somebody else has taken meanwhile (a lease lost, a run stopped) stay with them; None when
    none was left.
    """
    with transaction.atomic():
        batch = Batch.objects.create(
            folder=group.folder,
            lane=group.rank // 10,
            rank=group.rank,
            visits_count=len(group.visit_ids),
            segment_bytes=group.segment_bytes,
            created_at=now,
            due_at=now + timedelta(seconds=group.due_in),
        )
        taken = Visit.objects.filter(
            pk__in=group.visit_ids, state__in=[Visit.State.QUEUED, Visit.State.HELD]
        ).update(state=Visit.State.FETCHED, batch=batch)
        if not taken:
            batch.delete()
            return None
        if taken < len(group.visit_ids):
            Batch.objects.filter(pk=batch.pk).update(visits_count=taken)
    return batch


def open_batches() -> int:
    """How many batches wait for parse or store: the measure of back-pressure.

    Urgent ones do not count: however many there are, the other lanes go on.
    """
    return Batch.objects.exclude(state=Batch.State.STORED).exclude(lane=Lane.URGENT).count()
