"""Who changed which seed, and what."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.seed import Seed


class SeedEdit(models.Model):
    """Who changed a seed, when, and what: its definition before and after, secrets left out."""

    class Kind(models.TextChoices):
        CREATED = "created", "made"
        CHANGED = "changed", "changed"
        DELETED = "deleted", "deleted"
        RESTORED = "restored", "brought back"

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="edits")
    kind = models.CharField(max_length=8, choices=Kind)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    means = models.CharField(max_length=7, default="site")  # site, admin, api, command
    bulk = models.CharField(max_length=32, blank=True)  # the same for all that were changed together
    at = models.DateTimeField(default=timezone.now)
    before = models.JSONField(default=dict)  # only what differs, by the name of the setting
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["bulk"], condition=~Q(bulk=""), name="seed_edit_bulk")]

    def __str__(self) -> str:
        return f"seed {self.seed_id} {self.kind}"
