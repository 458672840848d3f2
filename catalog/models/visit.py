"""Visit: a run's work on one URL. The table of visits is the frontier."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from catalog.models.batch import Batch
from catalog.models.host import Host
from catalog.models.run import Run
from crawler.outcomes import Outcome
from crawler.outlinks import VisitKind


class Visit(models.Model):
    """One URL of one run: queued, fetched (in a batch on its way through parse and store), done.

    Unique on (run, fingerprint): a URL is admitted once per run. A visit has no lease: the lease of its host
    covers queued visits, and ``batch`` is the token by which exactly one store finishes a fetched visit.
    """

    class State(models.IntegerChoices):
        QUEUED = 0, "queued"
        HELD = 1, "held"  # its run is paused
        FETCHED = 2, "fetched"
        DONE = 3, "done"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="visits", db_index=False)
    host = models.ForeignKey(Host, on_delete=models.PROTECT, related_name="visits", db_index=False)
    batch = models.ForeignKey(
        Batch, null=True, on_delete=models.SET_NULL, related_name="visits", db_index=False
    )
    page = models.ForeignKey(
        "catalog.Page", null=True, on_delete=models.SET_NULL, related_name="visits", db_index=False
    )
    snapshot = models.ForeignKey(
        "catalog.Snapshot",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )  # what this visit stored or found unchanged
    kind = models.PositiveSmallIntegerField(
        choices=[(kind.value, kind.name.lower()) for kind in VisitKind], default=VisitKind.PAGE
    )
    url = models.TextField()  # as found, the one that is requested
    fingerprint = models.BigIntegerField()  # of the canonical URL
    found_on = models.BigIntegerField(null=True)  # visit id; without a constraint, so that pruning is cheap
    lastmod = models.DateTimeField(null=True)  # as a sitemap says
    due_at = models.DateTimeField()
    depth = models.PositiveSmallIntegerField(default=0)
    hops = models.PositiveSmallIntegerField(default=0)  # redirects that led here
    attempts = models.PositiveSmallIntegerField(default=0)
    state = models.PositiveSmallIntegerField(choices=State, default=State.QUEUED)
    rank = models.PositiveSmallIntegerField()  # lane * 10 + 9 - priority: the smallest is served first

    outcome = models.PositiveSmallIntegerField(
        null=True, choices=[(outcome.value, outcome.label) for outcome in Outcome]
    )
    reason = models.CharField(max_length=40, null=True)  # null: none, as documented for exports
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    location = models.TextField(blank=True)  # where a redirect pointed
    detail = models.CharField(max_length=300, blank=True)
    fetched_at = models.DateTimeField(null=True)
    elapsed_ms = models.PositiveIntegerField(null=True)
    text_signature = models.BigIntegerField(null=True)  # see crawler.reading.signature

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "fingerprint"], name="visit_once_per_run"),
            models.CheckConstraint(
                condition=(Q(state=3) & Q(outcome__isnull=False)) | (~Q(state=3) & Q(outcome__isnull=True)),
                name="visit_done_has_outcome",
            ),
        ]
        indexes = [
            # a leased host's window, best first
            models.Index(fields=["host", "rank", "due_at"], condition=Q(state=0), name="visit_queue"),
            # what a pause holds and a stop skips
            models.Index(fields=["run", "state"], condition=Q(state__lt=2), name="visit_open"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="visit_batch"),
            models.Index(fields=["run", "outcome", "id"], condition=Q(state=3), name="visit_done"),
            models.Index(fields=["page"], condition=Q(page__isnull=False), name="visit_page"),
            models.Index(
                fields=["run", "text_signature"], condition=Q(text_signature__isnull=False), name="visit_text"
            ),
            models.Index(fields=["run"], condition=Q(kind=VisitKind.SITEMAP), name="visit_sitemap"),
            # a host's last answers, without queued visits
            models.Index(
                fields=["host", "-fetched_at"], condition=Q(fetched_at__isnull=False), name="visit_answered"
            ),
        ]

    def __str__(self) -> str:
        return self.url


class JudgedAnswer(models.Model):
    """Where the answer is of a visit with a verdict: people look at it before they overrule the verdict.

    It is no version of a page. The verdict is the visit's reason, the evidence its detail.
    """

    visit = models.OneToOneField(Visit, primary_key=True, on_delete=models.CASCADE, related_name="judged")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="judged_answers")
    offset = models.PositiveBigIntegerField()
    length = models.PositiveIntegerField()
    encoding = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"answer of visit {self.visit_id}"


class Attempt(models.Model):
    """A try that did not end its visit: every failed attempt that was followed by another."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=40)
    status = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=300, blank=True)
    fetched_at = models.DateTimeField()
    elapsed_ms = models.PositiveIntegerField(default=0)
    next_due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "number"], name="attempt_once")]

    def __str__(self) -> str:
        return f"attempt {self.number} of visit {self.visit_id}"
