"""Event: something that happened to a record, a page or a seed, and that people may be told of."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.changeset import change_set
from catalog.models.seed import Seed


class Event(models.Model):
    """One thing that happened, written in the transaction that made it so; what was rolled back has none.

    The feed (:mod:`pipelines.changes`) has the latest state of each row once; an event is a step of a row. No
    event says that something is new in the run that saw its seed for the first time: then everything is.
    Events are kept whatever is pruned of visits and versions; what they point at may be gone.
    """

    class Kind(models.IntegerChoices):
        RECORD_NEW = 1, "new"
        FIELD_CHANGED = 2, "changed"  # one for each field of a record
        RECORD_GONE = 3, "gone"
        PAGE_NEW = 11, "new page"
        PAGE_CHANGED = 12, "page changed"
        PAGE_GONE = 13, "page gone"
        RUN_FAILED = 21, "run failed"
        SLOT_MISSED = 22, "missed"
        SLOT_LATE = 23, "late"
        COVERAGE_FELL = 24, "values missing"
        HOST_BLOCKED = 25, "blocked"
        LOGIN_EXPIRED = 26, "login expired"
        PROMISE_BROKEN = 27, "promise broken"
        WELL_AGAIN = 31, "well again"  # the end of what RUN_FAILED … PROMISE_BROKEN began, see ``ends``

    class State(models.IntegerChoices):
        NEW = 0, "new"  # no alert has looked at it yet
        AWAITED = 1, "awaits a second look"
        CONFIRMED = 2, "confirmed"  # by a second look; alerts have to look at it
        SETTLED = 3, "settled"  # alerts have looked at it
        WITHDRAWN = 4, "withdrawn"  # the second look saw something else

    RECORDS = (Kind.RECORD_NEW, Kind.FIELD_CHANGED, Kind.RECORD_GONE)
    PAGES = (Kind.PAGE_NEW, Kind.PAGE_CHANGED, Kind.PAGE_GONE)
    OUTAGES = (
        *(Kind.RUN_FAILED, Kind.SLOT_MISSED, Kind.SLOT_LATE, Kind.COVERAGE_FELL),
        *(Kind.HOST_BLOCKED, Kind.LOGIN_EXPIRED, Kind.PROMISE_BROKEN),
    )
    TO_SETTLE = (State.NEW, State.CONFIRMED)

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.PositiveSmallIntegerField(choices=Kind)
    state = models.PositiveSmallIntegerField(choices=State, default=State.NEW)
    at = models.DateTimeField()  # when the page was fetched, or it happened
    run_id = models.BigIntegerField(null=True)  # these four have no constraint: their rows may be pruned
    page_id = models.BigIntegerField(null=True)
    record_id = models.BigIntegerField(null=True)
    snapshot_id = models.BigIntegerField(null=True)  # the version that shows it
    collection = models.CharField(max_length=100, blank=True)
    field = models.CharField(max_length=200, blank=True)  # of FIELD_CHANGED
    subject = models.TextField(blank=True)  # what people call it: its title, else its key
    url = models.TextField(blank=True)  # where to look at it
    before = models.JSONField(null=True)  # the field's value; of RECORD_GONE all
    after = models.JSONField(null=True)  # the field's value; of RECORD_NEW all
    difference = models.FloatField(null=True)  # after - before: of numbers, or money
    percent = models.FloatField(null=True)  # of that to ``before``; null if that was zero
    detail = models.TextField(blank=True)  # a sentence
    ends = models.PositiveSmallIntegerField(null=True)  # of WELL_AGAIN: the kind that is over
    changed_in = change_set()  # of a record or a page

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_by_time"),
            models.Index(fields=["seed", "-at", "-id"], name="event_of_seed"),
            models.Index(fields=["seed", "kind", "-id"], name="event_of_kind"),  # outages among many changes
            models.Index(fields=["run_id", "kind", "id"], name="event_of_run"),
            models.Index(
                fields=["record_id", "-id"], condition=Q(record_id__isnull=False), name="event_of_record"
            ),
            models.Index(fields=["page_id", "-id"], condition=Q(page_id__isnull=False), name="event_of_page"),
            models.Index(fields=["id"], condition=Q(state__in=(0, 2)), name="event_to_settle"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"


class SecondLook(models.Model):
    """A page that is looked at once more before people are told of what a first look saw.

    The row goes when its events are confirmed or withdrawn.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"  # until due_at
        ASKED = "asked", "asked"  # its recrawl is under way
        GOT = "got", "got"  # its page was got; whether content is as before is still to be said
        AS_BEFORE = "before", "as before"  # its content is
        OTHER = "other", "other"  # its content is not

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="+", db_index=False)
    page_id = models.BigIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    since = models.DateTimeField(default=timezone.now)  # when the first of its events began to wait
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)  # looks that did not get the page
    run_id = models.BigIntegerField(null=True)  # the recrawl
    events = models.JSONField(default=list)  # ids of the events that wait for it

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="second_look_due"),
            models.Index(fields=["seed", "page_id"], name="second_look_of_page"),
        ]

    def __str__(self) -> str:
        return f"second look at page {self.page_id}"
