"""Kept views, alerts and promises: what people want to see again, be told of, and rely on."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.seed import Seed
from catalog.models.telling.channel import Channel, person


def new_token() -> str:
    """A random name for an address that needs no login."""
    return secrets.token_urlsafe(24)


class KeptView(models.Model):
    """A list with its filters, kept under a name; its Atom feed is read by whoever has its token."""

    name = models.CharField(max_length=100)
    page = models.CharField(max_length=20, default="changes")  # the route of the list
    query = models.TextField(blank=True)  # the filters, as the address line has them
    token = models.CharField(max_length=64, unique=True, default=new_token)
    owner = person()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """A condition on events, and the channels that are told when one meets it."""

    class Condition(models.TextChoices):
        RECORD_NEW = "record_new", "something new appears"
        RECORD_GONE = "record_gone", "something is gone"
        FIELD_CHANGED = "changed", "a field changes"
        FIELD_UP = "up", "a field goes up"
        FIELD_DOWN = "down", "a field goes down"
        FIELD_ABOVE = "above", "a field rises above a limit"
        FIELD_BELOW = "below", "a field falls below a limit"
        FIELD_MATCHES = "matches", "a field changes to a text"
        PAGE_CHANGED = "page_changed", "a page changes"
        TEXT_APPEARS = "text_appears", "a page begins to contain a text"
        TEXT_VANISHES = "text_vanishes", "a page no longer contains a text"
        RUN_FAILED = "run_failed", "a run fails"
        SLOT_MISSED = "slot_missed", "a run is missed or late"
        COVERAGE_FELL = "coverage_fell", "values are no longer found"
        HOST_BLOCKED = "host_blocked", "a site blocks us"
        LOGIN_EXPIRED = "login_expired", "a login has expired"
        ANYTHING = "anything", "anything happens"

    class Rhythm(models.TextChoices):
        AT_ONCE = "at_once", "at once"
        HOURLY = "hourly", "together, each hour"
        DAILY = "daily", "together, each day"
        WEEKLY = "weekly", "together, each week"

    name = models.CharField(max_length=200)
    enabled = models.BooleanField(default=True)
    seed = models.ForeignKey(Seed, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts")
    collection = models.CharField(max_length=100, blank=True)  # empty: every one
    view = models.ForeignKey(KeptView, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts")
    condition = models.CharField(max_length=13, choices=Condition)
    field = models.CharField(max_length=200, blank=True)  # empty: any
    least = models.FloatField(null=True, blank=True)  # the smallest change that counts
    in_percent = models.BooleanField(default=False)  # whether ``least`` is
    limit = models.FloatField(null=True, blank=True)  # of ABOVE and BELOW
    text = models.CharField(max_length=500, blank=True)  # of MATCHES and TEXT_…; case does not matter
    second_look = models.BooleanField(default=True)  # tell only what a second look confirms
    rhythm = models.CharField(max_length=7, choices=Rhythm, default=Rhythm.AT_ONCE)
    rhythm_time = models.TimeField(null=True, blank=True)  # of DAILY and WEEKLY, local
    rhythm_weekday = models.PositiveSmallIntegerField(null=True, blank=True)  # of WEEKLY: 0 is Monday
    time_zone = models.CharField(max_length=64, default="UTC")
    channels = models.ManyToManyField(Channel, related_name="alerts", blank=True)
    owner = person()
    created_at = models.DateTimeField(default=timezone.now)
    last_met_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Promise(models.Model):
    """What data must be there by when; else somebody is told, and exports of the seed are held."""

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="promises")
    enabled = models.BooleanField(default=True)
    collection = models.CharField(max_length=100, blank=True)  # empty: all, or pages
    deadline = models.TimeField()  # local
    weekdays = models.CharField(max_length=7, default="0123456")  # of the deadline: 0 is Monday
    time_zone = models.CharField(max_length=64, default="UTC")
    least = models.PositiveIntegerField(null=True, blank=True)  # things; null: as many as usual
    as_complete = models.BooleanField(default=True)  # each field is filled as often as usual
    hold_exports = models.BooleanField(default=True)
    channels = models.ManyToManyField(Channel, related_name="promises", blank=True)
    owner = person()
    created_at = models.DateTimeField(default=timezone.now)
    next_due_at = models.DateTimeField(null=True)
    broken_since = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list)  # sentences: why it is broken

    class Meta:
        ordering = ["seed", "deadline"]
        indexes = [
            models.Index(fields=["next_due_at"], name="promise_due"),
            models.Index(
                fields=["broken_since"], condition=Q(broken_since__isnull=False), name="promise_broken"
            ),
        ]

    def __str__(self) -> str:
        return f"promise of seed {self.seed_id} by {self.deadline:%H:%M}"
