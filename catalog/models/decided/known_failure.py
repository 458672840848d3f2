"""A failure that somebody knows of and accepts: it colours no run."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.seed import Seed


class KnownFailureQuerySet(models.QuerySet["KnownFailure"]):
    def in_force(self) -> KnownFailureQuerySet:
        """Accepted still: neither over by themselves nor taken back."""
        return self.filter(ended_at=None)


class KnownFailure(models.Model):
    """An address of a seed, and the reason for which it may fail. It is over as soon as it does otherwise."""

    class Ending(models.TextChoices):
        ANSWERED = "answered", "the address answered again"
        OTHER = "other", "it failed for another reason"
        TAKEN_BACK = "back", "taken back"

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="known_failures", db_index=False)
    fingerprint = models.BigIntegerField()  # as of the visits of its runs
    url = models.TextField()
    reason = models.CharField(max_length=40)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    means = models.CharField(max_length=7, default="site")  # site, api, command
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=8, choices=Ending, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # who took it back

    objects = KnownFailureQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seed", "fingerprint"], condition=Q(ended_at=None), name="known_failure_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="known_failure_ending",
            ),
        ]
        indexes = [models.Index(fields=["seed", "-id"], name="known_failure_of_seed")]

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"
