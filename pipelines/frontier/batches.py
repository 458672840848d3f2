"""Visits on their way out of the frontier, a batch at a time; and back, when a batch's objects are lost."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from catalog.models import Batch, Visit
from crawler.lanes import Lane, lane_of
from pipelines import archive
from pipelines.frontier import hosts

STRIKES = 2  # workers that must have died on a page

log = logging.getLogger(__name__)


class HandOver(NamedTuple):
    """A group that leaves its session: the folder of its objects, its rank and its visits."""

    folder: str
    rank: int
    segment_bytes: int
    visit_ids: list[int]
    due_in: float  # seconds after which its message counts as lost


def hand_over(group: HandOver, now: datetime) -> Batch | None:
    """Make a group's visits FETCHED under a new batch: a compare-and-set, so each belongs to one batch.

    Visits that changed meanwhile (a lost lease, a stopped run) are left as they are; returns None if no visit
    is left.
    """
    with transaction.atomic():
        batch = Batch.objects.create(
            folder=group.folder,
            lane=lane_of(group.rank),
            rank=group.rank,
            visits_count=len(group.visit_ids),
            segment_bytes=group.segment_bytes,
            created_at=now,
            due_at=now + timedelta(seconds=group.due_in),
        )
        moved = Visit.objects.filter(
            pk__in=group.visit_ids, state__in=[Visit.State.QUEUED, Visit.State.HELD]
        ).update(state=Visit.State.FETCHED, batch=batch)
        if not moved:
            batch.delete()
            return None
        if moved < len(group.visit_ids):
            Batch.objects.filter(pk=batch.pk).update(visits_count=moved)
    return batch


def open_batches() -> int:
    """How many batches wait for parse or store: the measure of back-pressure.

    Urgent batches do not count: any number of them does not stop the other lanes.
    """
    return Batch.objects.exclude(state=Batch.State.STORED).exclude(lane=Lane.URGENT).count()


def give_back(batch_id: int, now: datetime) -> dict[Lane, set[int]]:
    """Queue a batch's visits again and forget the batch; returns the hosts that have work again, by lane.

    For a batch whose folder lacks the objects of the next stage. A stored or deleted batch is left as it is.
    """
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update().filter(pk=batch_id).exclude(state=Batch.State.STORED).first()
        )
        if batch is None:
            return {}
        visits = Visit.objects.filter(batch=batch, state=Visit.State.FETCHED)
        host_ids = set(visits.values_list("host_id", flat=True))
        queued = visits.update(state=Visit.State.QUEUED, batch=None)
        batch.delete()
    log.error("the objects of batch %s are gone: its %d visits are fetched again", batch_id, queued)
    hosts.requeue(host_ids, now)
    archive.delete_folder(batch.folder)
    return {lane_of(batch.rank): host_ids}
