"""What every worker needs, imported by the keeper once for all that it forks.

Celery finds most of these by name when a worker starts, and would find them in each child again.
"""

from __future__ import annotations

import gc
import importlib

from crawler.structs import prepare_structs

_WORKER = (
    "scheduler.tasks",
    "scheduler.worker",
    "scheduler.process.consumer",
    "scheduler.clock.beat",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.concurrency.asynpool",
    "celery.concurrency.thread",
    "celery.contrib.django.task",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer.agent",
    "django_celery_results.backends.database",
    "kombu.transport.redis",
)


def preload() -> None:
    """Import it, and keep the garbage collector from writing to memory that the children will share."""
    for name in _WORKER:
        importlib.import_module(name)
    prepare_structs()
    gc.collect()
    gc.freeze()
