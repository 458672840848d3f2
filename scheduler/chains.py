"""The chain of a batch, ``parse | store``: its lane and priority are set on every step."""

from __future__ import annotations

from celery import Signature, chain

from catalog.models import Batch
from crawler.lanes import Lane, lane_of, worst_rank
from scheduler.app import app
from scheduler.queues import Stage, celery_priority, queue_name
from scheduler.redis_server import attempt

NEXT_STAGES = {
    Batch.State.FETCHED: (Stage.PARSE, Stage.STORE),
    Batch.State.PARSED: (Stage.STORE,),
    Batch.State.STORED: (),
}


def publish(batch: Batch, lane: Lane | None = None) -> None:
    """Send what is left of a batch's chain, in its own lane or another. The message carries the id only.

    Never raises: when Redis is away, the row stays and the sweep publishes it when it is overdue.
    Celery gives queue and priority of a chain to its first step only, so ``set`` gives them to each.
    """
    rank = batch.rank if lane is None else worst_rank(lane)
    steps = [_step(stage, batch.pk, rank) for stage in NEXT_STAGES[Batch.State(batch.state)]]
    if steps:
        attempt(lambda: chain(*steps).apply_async(retry=False))


def _step(stage: Stage, batch_id: int, rank: int) -> Signature:
    return app.signature(str(stage), args=[batch_id], immutable=True).set(
        queue=queue_name(stage, lane_of(rank)), priority=celery_priority(rank)
    )
