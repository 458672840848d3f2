"""The chain of a batch, ``parse | store``: its lane and priority are set on every step."""

from __future__ import annotations

from celery import Signature, chain

from crawler.records import Lane
from djsite.catalog.models import Batch
from scheduler.app import app
from scheduler.lanes import Stage, celery_priority, queue_name
from scheduler.server import attempt

NEXT_STAGES = {
    Batch.State.FETCHED: (Stage.PARSE, Stage.STORE),
    Batch.State.PARSED: (Stage.STORE,),
    Batch.State.STORED: (),
}


def publish(batch: Batch) -> None:
    """Send what is left of a batch's chain. The message carries the batch's id only.

    Never raises: when Redis is away, the row stays and the sweep publishes it when it is overdue.
    Celery hands queue and priority of a chain to its first step only, hence ``set`` on each.
    """
    steps = [_step(stage, batch) for stage in NEXT_STAGES[Batch.State(batch.state)]]
    if steps:
        attempt(lambda: chain(*steps).apply_async(retry=False))


def _step(stage: Stage, batch: Batch) -> Signature:
    return app.signature(str(stage), args=[batch.pk], immutable=True).set(
        queue=queue_name(stage, Lane(batch.lane)), priority=celery_priority(batch.rank)
    )
