"""Export: a file that somebody asked for, made in the background."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.formats import COMPRESSIONS, FORMATS
from catalog.models.run import Run
from catalog.models.seed import Seed


class Export(models.Model):
    """Pages or records of a seed or a run as one file; ``state`` says how far it is.

    It is made in parts, each by the worker that has the lease. ``parts``, ``place`` and ``rows`` are those of
    the parts that are whole; another worker goes on from there.
    """

    class Kind(models.TextChoices):
        """Their words and modules: :mod:`catalog.kinds`."""

        RECORDS = "records", "latest values"
        VERSIONS = "versions", "values over time"
        CHANGES = "changes", "changes"
        PAGES = "pages", "pages"
        RAW = "raw", "raw answers"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    kind = models.CharField(max_length=20, choices=Kind)
    format = models.CharField(max_length=10)  # a name of catalog.formats
    seed = models.ForeignKey(Seed, null=True, blank=True, on_delete=models.CASCADE)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.CASCADE)
    every_outcome = models.BooleanField(default=False)  # failed, skipped and redirected visits too
    compression = models.CharField(max_length=4, blank=True)  # gz, zst; empty: none
    query = models.TextField(
        blank=True
    )  # filters of the list that it was asked from, as its address has them
    manifest = models.JSONField(default=dict, blank=True)  # once it is done: schema, rows, checksum, cursor
    as_of = models.DateTimeField(null=True, blank=True)  # the moment at which all was as the file has it
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
    columns = models.JSONField(null=True, blank=True)  # when it was begun, see pipelines.export.columns

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind}.{self.format} {self.pk}"

    @property
    def format_label(self) -> str:
        """The format and how it is compressed, for people."""
        packed = COMPRESSIONS[self.compression].label if self.compression else ""
        return f"{FORMATS[self.format].label}, {packed}" if packed else FORMATS[self.format].label
