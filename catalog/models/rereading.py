"""Rereading: stored versions read again by a seed's newest rules; its parts, and what they have read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.ruleset import RuleSet
from catalog.models.seed import Seed


class Rereading(models.Model):
    """What somebody asked to have read again. Records change only if the result is promoted, as a whole.

    The lease is for the steps that follow reading; ``place`` is where the next slice of such a step begins.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        READING = "reading", "reading"
        COMPARED = "compared", "compared"
        PROMOTING = "promoting", "promoting"
        PROMOTED = "promoted", "promoted"
        DROPPED = "dropped", "dropped"

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="rereadings")
    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="+", db_index=False)
    since = models.DateTimeField(null=True, blank=True)  # versions fetched before it are left out
    collection = models.CharField(max_length=100, blank=True)  # only this one changes; empty: all
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    last_snapshot = models.BigIntegerField(default=0)  # later versions are left to the runs that store them
    pages_after = models.BigIntegerField(default=0)  # pages up to this id are in parts
    total = models.PositiveBigIntegerField(default=0)  # versions, of the pages that are in parts
    difference = models.JSONField(default=dict, blank=True)  # see pipelines.rereading.difference
    change_set = models.BigIntegerField(null=True)  # of its promotion; its row is written last
    read = models.PositiveBigIntegerField(default=0)  # versions; counted when its parts are deleted
    unread = models.JSONField(default=dict, blank=True)  # so many that could not be read, by reason
    error = models.TextField(blank=True)  # what hinders it; later, what is missing in its result
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)  # nothing is left to do, or to tidy up

    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    place = models.JSONField(null=True, blank=True)  # the collection and key hash that was the last

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seed"], condition=Q(finished_at=None), name="rereading_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"rereading {self.pk} of seed {self.seed_id}"


class RereadingPart(models.Model):
    """The versions of some pages, read by the worker that has the lease. ``after`` is the last page read."""

    rereading = models.ForeignKey(Rereading, on_delete=models.CASCADE, related_name="parts")
    after = models.BigIntegerField()  # pages up to this id are read, the last of them maybe in part:
    after_version = models.BigIntegerField(null=True)  # up to this version; null: it is read
    last = models.BigIntegerField()  # the id of its last page
    done = models.BooleanField(default=False)
    read = models.PositiveIntegerField(default=0)  # versions
    unread = models.JSONField(default=list)  # versions that could not be read: [snapshot id, reason]
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # begun since pages were last read
    failures = models.PositiveSmallIntegerField(default=0)  # errors since pages were last read
    suspect = models.BigIntegerField(null=True)  # the version that is being read, after a death
    quarantined = models.JSONField(default=list)  # versions on which readers died, once for each death

    class Meta:
        indexes = [models.Index(fields=["rereading", "done", "id"], name="rereading_part_open")]

    def __str__(self) -> str:
        return f"part {self.pk} of rereading {self.rereading_id}"


class Sighting(models.Model):
    """A record as one version shows it, by rules that are being compared: deleted when that has ended."""

    rereading = models.ForeignKey(
        Rereading, on_delete=models.CASCADE, related_name="sightings", db_index=False, db_constraint=False
    )
    collection = models.CharField(max_length=100)
    key_hash = models.BigIntegerField()
    snapshot = models.BigIntegerField()
    page = models.BigIntegerField()
    position = models.PositiveIntegerField()
    key = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    problems = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rereading", "collection", "key_hash", "snapshot"], name="sighting_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.collection} on version {self.snapshot}"
