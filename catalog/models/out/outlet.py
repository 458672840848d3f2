"""Outlets and shipments: where data of a seed goes by itself and when, and each lot that has gone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.export import Export
from catalog.models.run import Run
from catalog.models.seed import Seed
from catalog.models.telling.channel import person
from catalog.sealing import SealedText

SENT = [(kind.value, kind.label) for kind in (Export.Kind.RECORDS, Export.Kind.PAGES)]
"""The kinds of exports that are sent: those with a row for each thing."""


class Outlet(models.Model):
    """Where data of a seed goes, in which form, and when. One shipment at a time, in order, is on its way.

    ``cursor`` is the place in the feed of changes up to which the receiver has everything; it moves only
    when a shipment has arrived.
    """

    class Share(models.TextChoices):
        WHOLE = "whole", "everything, each time"
        SINCE = "since", "what is new, changed or gone since last time"

    name = models.CharField(max_length=100, unique=True)
    enabled = models.BooleanField(default=True)
    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="outlets")
    kind = models.CharField(max_length=10, choices=SENT, default=Export.Kind.RECORDS)
    query = models.TextField(blank=True)  # filters of the list of data, as its address has them
    share = models.CharField(max_length=5, choices=Share, default=Share.WHOLE)
    format = models.CharField(max_length=10, blank=True)  # a name of catalog.formats; empty: rows, no file
    compression = models.CharField(max_length=4, blank=True)

    place = models.CharField(max_length=40)  # a name of the registry of places
    options = models.JSONField(default=dict, blank=True)  # what the place asks for and may be shown
    secret = SealedText(blank=True)  # passwords, keys, addresses with tokens: JSON, sealed
    keep = models.PositiveIntegerField(null=True, blank=True)  # files that stay at the place; null: all

    after_runs = models.BooleanField(default=True)  # after each finished run of the seed
    cron = models.CharField(max_length=200, blank=True)  # and at these times; empty: at none
    time_zone = models.CharField(max_length=64, default="UTC")
    obeys_promises = models.BooleanField(default=True)  # held while a promise about the data is broken

    cursor = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # of the next shipment by ``cron``
    failing_since = models.DateTimeField(null=True, blank=True)  # its last attempt failed, and all since then
    last_error = models.TextField(blank=True)
    last_arrived_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)  # of the worker that ships
    lease_until = models.DateTimeField(null=True, blank=True)
    owner = person()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="outlet_due"),
        ]

    def __str__(self) -> str:
        return self.name


class Shipment(models.Model):
    """One lot of data for an outlet. It does not change once its file is made: a double is the same."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        HELD = "held", "held"
        ARRIVED = "arrived", "arrived"
        GIVEN_UP = "given_up", "given up"

    class Cause(models.TextChoices):
        RUN = "run", "a finished run"
        TIME = "time", "its time"
        HAND = "hand", "by hand"

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="shipments", db_index=False)
    number = models.PositiveIntegerField()  # counts up in its outlet: gaps and doubles show
    cause = models.CharField(max_length=4, choices=Cause)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    share = models.CharField(max_length=5, choices=Outlet.Share)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    since = models.CharField(max_length=60, blank=True)  # the cursors of what it has: after this …
    until = models.CharField(max_length=60, blank=True)  # … up to this, once it is made
    key = models.CharField(max_length=200, blank=True)  # of its file in the archive storage
    name = models.CharField(max_length=300, blank=True)  # of its file at the place
    manifest = models.JSONField(default=dict, blank=True)
    rows = models.PositiveBigIntegerField(default=0)  # gone ones among them
    gone = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_since = models.DateTimeField(null=True, blank=True)  # its first attempt
    next_try_at = models.DateTimeField(null=True, blank=True)
    goes_anyway = models.BooleanField(default=False)  # a person has it sent although a promise is broken
    reason = models.TextField(blank=True)  # why it is held or failed: a sentence
    answer = models.CharField(max_length=500, blank=True)  # of the place, its beginning
    created_at = models.DateTimeField(default=timezone.now)
    arrived_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outlet", "number"], name="shipment_number")]
        indexes = [
            models.Index(
                fields=["outlet", "number"], condition=Q(state__in=["waiting", "held"]), name="shipment_open"
            ),
        ]

    def __str__(self) -> str:
        return f"shipment {self.number} of outlet {self.outlet_id}"
