"""Run: the ledger. One row per due slot of a seed, and one per crawl asked for by hand."""

from __future__ import annotations

from functools import reduce
from operator import add

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.host import Host
from catalog.models.ruleset import RuleSet
from catalog.models.seed import Seed
from crawler.outcomes import Outcome, Reason
from crawler.policy import CrawlPolicy

WAITED = "waited"  # reason of a run that waited for the end of an earlier one
SECOND_LOOK = "second_look"  # reason of a recrawl of pages that changed a moment ago
COUNTERS = [outcome.label for outcome in Outcome]  # each visit that has ended is counted by its outcome
_DONE = reduce(add, map(F, COUNTERS))


class RunQuerySet(models.QuerySet["Run"]):
    def live(self) -> RunQuerySet:
        """Not over: due, open, paused or stopping."""
        return self.filter(state__in=Run.LIVE)

    def open(self) -> RunQuerySet:
        """Open, paused or stopping: their visits may be fetched or are held."""
        return self.filter(state__in=Run.UNDER_WAY)

    def started(self) -> RunQuerySet:
        """Runs that were opened, also if they have finished since."""
        return self.filter(state__in=[*Run.UNDER_WAY, Run.State.FINISHED])

    def ended(self) -> RunQuerySet:
        """Finished or missed runs without recrawls: they show how their seed does."""
        return self.filter(state__in=[Run.State.FINISHED, Run.State.MISSED]).exclude(kind=Run.Kind.RECRAWL)

    def without_second_looks(self) -> RunQuerySet:
        """Runs that people asked for, themselves or by a schedule."""
        return self.exclude(reason=SECOND_LOOK)

    def complete(self) -> RunQuerySet:
        """Runs whose visits have all ended."""
        return self.filter(discovered=_DONE)

    def incomplete(self) -> RunQuerySet:
        """Runs with visits that have not ended."""
        return self.exclude(discovered=_DONE)


class Run(models.Model):
    """A crawl of a seed: due, started and finished, skipped or missed, with the reason.

    Unique on (seed, kind, slot), so no clock, restart or redelivery opens a slot twice. The counters are
    written in the same transactions as the visits, so at any commit
    ``discovered = stored + unchanged + redirected + failed + skipped + (visits not done)``.
    """

    class Kind(models.TextChoices):
        SCHEDULED = "scheduled", "scheduled"
        MANUAL = "manual", "run now"
        COMMAND = "command", "command line"
        RECRAWL = "recrawl", "recrawl"

    class State(models.TextChoices):
        DUE = "due", "due"  # has its row, is not opened yet
        OPEN = "open", "running"
        PAUSED = "paused", "paused"
        STOPPING = "stopping", "stopping"  # queued visits are being skipped; fetched ones finish
        FINISHED = "finished", "finished"
        SKIPPED = "skipped", "skipped"  # due, not run on purpose: see reason
        MISSED = "missed", "missed"  # due while nothing ran: see reason

    UNDER_WAY = (State.OPEN, State.PAUSED, State.STOPPING)
    LIVE = (State.DUE, *UNDER_WAY)
    GOT_NOTHING = Q(state=State.FINISHED, stored=0, unchanged=0) & (
        Q(failed__gt=F("known_failures"))
        | Q(reason__in=[Reason.BAD_URL, Reason.BAD_PATTERN, Reason.OPENING_KILLED])
    )  # a run that met only redirects, or no page at all, has not failed

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=9, choices=Kind)
    slot = models.DateTimeField(help_text="The due time this run answers.")
    slots = models.PositiveIntegerField(default=1)  # how many slots the row stands for: see last_slot
    last_slot = models.DateTimeField(
        null=True, blank=True
    )  # the last of several slots that were missed together
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    reason = models.CharField(max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField(default=15)  # see Visit.rank
    policy_json = models.JSONField(default=dict)  # CrawlPolicy, frozen
    rule_set = models.ForeignKey(
        RuleSet, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )  # of the policy's fields; null if it has none. Deleted with the seed, as the run is
    openings = models.PositiveSmallIntegerField(default=0)  # how often its opening was begun
    roots = models.JSONField(default=list)  # start URLs and what they redirected to: the scope's origin

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    discovered = models.PositiveBigIntegerField(default=0)
    stored = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    redirected = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)
    skipped = models.PositiveBigIntegerField(default=0)
    known_failures = models.PositiveBigIntegerField(default=0)  # of those that failed; see KnownFailure
    out_of_scope = models.PositiveBigIntegerField(default=0)
    out_of_scope_sample = models.JSONField(default=list)
    limits = models.JSONField(default=dict)  # limit that acted -> links it turned away
    warnings = models.JSONField(default=list)
    left_out = models.JSONField(default=list)  # patterns added while it went, see pipelines.runs.left_out
    compared = models.BooleanField(null=True)  # whether what it did not find is gone; null: to be looked at

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["seed", "kind", "slot"], name="run_once_per_slot"),
            models.CheckConstraint(
                condition=Q(discovered__gte=_DONE),
                name="run_counters_reconcile",
            ),
            models.CheckConstraint(
                condition=Q(slots=1, last_slot=None)
                | Q(slots__gt=1, last_slot__isnull=False, last_slot__gt=F("slot"), state="missed"),
                name="run_of_many_slots",
            ),
        ]
        indexes = [
            # not partial: SQLite does not use a partial index if the states are parameters
            models.Index(fields=["state", "seed"], name="run_live"),
            models.Index(fields=["seed", "-id"], name="run_of_seed"),
            models.Index(fields=["state", "-id"], name="run_of_state"),  # the list of runs
            models.Index(fields=["id"], condition=Q(state="finished", compared=None), name="run_to_compare"),
            models.Index(fields=["created_at"], name="run_created"),  # the dashboard's last 24 hours
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of seed {self.seed_id}"

    @property
    def policy(self) -> CrawlPolicy:
        return CrawlPolicy.of(self.policy_json)

    @property
    def unknown_failures(self) -> int:
        """Failures that nobody has accepted: these colour the run."""
        return max(0, self.failed - self.known_failures)

    @property
    def done(self) -> int:
        """Visits that have ended."""
        return sum(getattr(self, name) for name in COUNTERS)


class RunHost(models.Model):
    """A host on which a run has visits: shows which open runs count for the politeness of the host."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="run_hosts", db_index=False)
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="run_hosts")
    discovered = models.PositiveIntegerField(default=0)  # URLs of the run on this host

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "host"], name="run_host_once")]

    def __str__(self) -> str:
        return f"run {self.run_id} on host {self.host_id}"


class RunTemplate(models.Model):
    """A URL template (see ``crawler.rules.traps``) of a run whose last pages said nothing new.

    Closed: no further URL of it is admitted, until a page of it says something new.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="templates", db_index=False)
    template = models.BigIntegerField()  # fingerprint of the template or shape
    same = models.PositiveIntegerField(default=0)  # pages in a row whose exact text had been read before
    alike = models.PositiveIntegerField(
        default=0
    )  # pages in a row that differed in numbers only, or in nothing
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "template"], name="run_template_once")]

    def __str__(self) -> str:
        return f"template {self.template} of run {self.run_id}"
