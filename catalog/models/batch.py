"""Batch: a group of fetched pages on its way through parse and store, and afterwards their segment."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from crawler.lanes import Lane


class Batch(models.Model):
    """The row behind one chain ``parse | store``. The message carries its id only.

    Its folder in the archive is ``folder``: ``segment.warc.gz`` (kept), ``fetched`` and ``parsed`` (removed
    once stored). If its message is lost, the row is overdue at ``due_at`` and is published again.
    """

    class State(models.TextChoices):
        FETCHED = "fetched", "fetched"
        PARSED = "parsed", "parsed"
        STORED = "stored", "stored"

    folder = models.CharField(max_length=100, unique=True)
    lane = models.PositiveSmallIntegerField(choices=[(lane.value, lane.label) for lane in Lane])
    rank = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.FETCHED)
    visits_count = models.PositiveIntegerField()
    segment_bytes = models.PositiveBigIntegerField(default=0)
    live_bytes = models.PositiveBigIntegerField(
        default=0
    )  # the part of segment_bytes that versions and judged answers still need
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()  # published again if not stored by then
    attempts = models.PositiveSmallIntegerField(default=0)  # how often parse was started on it
    suspect = models.BigIntegerField(null=True)  # visit being read or stored alone when its worker last died
    quarantined = models.JSONField(default=list)  # visit ids, each once for a parser that died on it
    store_attempts = models.PositiveSmallIntegerField(default=0)  # how often its store ended half-way
    store_quarantined = models.JSONField(default=list)  # visit ids, each once for a store that did so on it

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(state="stored"), name="batch_in_flight"),
        ]

    def __str__(self) -> str:
        return self.folder
