"""A group of seeds, and the settings that it gives them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class SeedGroup(models.Model):
    """Settings in one place for many seeds. A seed says which of them it takes (``Seed.inherits``).

    What a seed takes also stands in its own columns, so runs and the clock know no group.
    """

    name = models.CharField(max_length=100, unique=True)
    settings = models.JSONField(default=dict)  # columns of a seed, only those that it gives
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
