"""The app that keeps seeds and the clock in step, wherever Django runs (site, workers, commands)."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class SchedulerConfig(AppConfig):
    """Tells the clock of every save and delete of a seed; the reconcile finds changes that sent no signal."""

    name = "scheduler"
    label = "scheduler"

    def ready(self) -> None:
        from scheduler.clock import changes  # noqa: PLC0415  models exist only now

        post_save.connect(changes.seed_saved, sender="catalog.Seed", dispatch_uid="seed_saved")
        post_delete.connect(changes.seed_deleted, sender="catalog.Seed", dispatch_uid="seed_deleted")
