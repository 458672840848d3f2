"""Forecast: how large a crawl would be, asked of the site before it begins."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.models.seed import Seed


class Forecast(models.Model):
    """A forecast for a seed, or for a definition that is not saved yet; ``state`` says how far it is.

    It is made in slices, each by the worker that has the lease. ``survey`` is what was seen so far; another
    worker goes on from there.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    seed = models.ForeignKey(Seed, null=True, blank=True, on_delete=models.CASCADE, related_name="forecasts")
    address = models.CharField(max_length=2000)  # the first start URL, for people
    policy = models.JSONField()  # plain form of a crawler.policy.CrawlPolicy
    runs_a_month = models.FloatField(default=0.0)  # by the schedule; 0: only when somebody asks
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    survey = models.JSONField(null=True, blank=True)  # a crawler.forecasting.seen.Survey, while it is made
    requests = models.PositiveSmallIntegerField(default=0)  # made so far
    result = models.JSONField(null=True, blank=True)  # a crawler.forecasting.forecast.Forecast
    note = models.TextField(blank=True)  # why it waits, or why it was ended early; for people
    error = models.TextField(blank=True)  # why there is none; for people
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)  # of the next slice
    finished_at = models.DateTimeField(null=True, blank=True)

    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # begun since something was last seen

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="forecast_waiting")
        ]

    def __str__(self) -> str:
        return f"forecast {self.pk} of {self.address}"
