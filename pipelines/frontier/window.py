"""A leased host's best due visits, and handing them over once fetched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from crawler.records import Lane
from djsite.catalog.models import Batch, Visit
from pipelines.frontier import rows
from pipelines.frontier.rows import Ask


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


def due_visits(asks: Sequence[Ask], *, max_rank: int, now: datetime) -> list[list[Due]]:
    """The best due visits of each host asked for. The caller holds the hosts' leases."""
    found: dict[int, list[Due]] = {ask.host_id: [] for ask in asks}
    for host_id, *due in rows.due(asks, Due._fields, max_rank, now):
        found[host_id].append(Due(*due))
    return [found[ask.host_id] for ask in asks]


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
