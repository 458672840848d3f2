"""Export: a file that somebody asked for, made in the background."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.formats import FORMATS
from catalog.models.run import Run
from catalog.models.seed import Seed


class Export(models.Model):
    """Pages or records of a seed or a run as one file; ``state`` says how far it is.

    It is made in parts, each by the worker that has the lease. ``parts``, ``place`` and ``rows`` are those of
    the parts that are whole; another worker goes on from there.
    """

    class Kind(models.TextChoices):
        PAGES = "pages", "pages"
        RECORDS = "records", "records"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    kind = models.CharField(max_length=7, choices=Kind)
    format = models.CharField(max_length=5, choices=[(form.name, form.label) for form in FORMATS.values()])
    seed = models.ForeignKey(Seed, null=True, blank=True, on_delete=models.CASCADE)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.CASCADE)
    every_outcome = models.BooleanField(default=False)  # failed, skipped and redirected visits too
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    key = models.CharField(max_length=200, blank=True)  # in the archive storage
    rows = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True, blank=True)  # when a worker took it last
    finished_at = models.DateTimeField(null=True, blank=True)

    lease_token = models.CharField(max_length=32, blank=True)  # of the worker that makes a part
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # begun since the last part became whole
    parts = models.JSONField(default=list, blank=True)  # their names in the archive
    place = models.JSONField(null=True, blank=True)  # where the next part begins, see pipelines.export.rows
    field_names = models.JSONField(null=True, blank=True)  # when it was begun: every part has these columns

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind}.{self.format} {self.pk}"
