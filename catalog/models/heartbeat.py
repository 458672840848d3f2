"""Heartbeat: which processes live, for ``status`` and for the health page."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """A process's last sign of life. A task that beat sends writes beat's: it proves that both work."""

    name = models.CharField(max_length=100, unique=True)  # beat, worker node names
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    info = models.JSONField(default=dict)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
