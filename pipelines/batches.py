"""Batches whose objects are lost: their visits go back to the frontier."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from crawler.records import Lane
from djsite.catalog.models import Batch, Visit
from djsite.catalog.models.visit import lane_of
from pipelines import archive
from pipelines.frontier import hosts

log = logging.getLogger(__name__)


def give_back(batch_id: int, now: datetime) -> dict[Lane, set[int]]:
    """Queue a batch's visits again and forget the batch; returns the hosts that have work again, by lane.

    For a batch whose folder lacks what the next stage reads. One that is stored, or gone, is left alone.
    """
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update().filter(pk=batch_id).exclude(state=Batch.State.STORED).first()
        )
        if batch is None:
            return {}
        visits = Visit.objects.filter(batch=batch, state=Visit.State.FETCHED)
        host_ids = set(visits.values_list("host_id", flat=True))
        again = visits.update(state=Visit.State.QUEUED, batch=None)
        batch.delete()
    log.error("the objects of batch %s are gone: its %d visits are fetched again", batch_id, again)
    hosts.requeue(host_ids, now)
    archive.delete_folder(batch.folder)
    return {lane_of(batch.rank): host_ids}
