"""Seed: what somebody wants crawled, how far, how often, and which fields."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crawler.lanes import Lane
from crawler.policy import CrawlPolicy, FieldRule, Scope

MOST_CAUGHT_UP = 100  # slots that a seed may catch up on after a downtime


class SeedQuerySet(models.QuerySet["Seed"]):
    def alive(self) -> SeedQuerySet:
        """Not deleted: the ones people see."""
        return self.filter(deleted_at=None)

    def scheduled(self) -> SeedQuerySet:
        """Those whose slots the clock must know."""
        return self.alive().filter(enabled=True).exclude(schedule=Seed.Schedule.MANUAL)


class Seed(models.Model):
    """Start URLs with their schedule, scope, lane, limits, politeness and fields.

    The row is the truth; RedBeat is only told its ``next_slot``. Deleting is soft (``deleted_at``): the
    rows below it are pruned in the background.
    """

    class Schedule(models.TextChoices):
        MANUAL = "manual", "by hand only"
        INTERVAL = "interval", "every so often"
        CRON = "cron", "at set times (cron)"

    class Overlap(models.TextChoices):
        """What becomes of a slot that comes due while the earlier run is going."""

        SKIP = "skip", "leave it out"
        QUEUE = "queue", "it waits for its turn; one waits at a time"
        BOTH = "both", "run it beside the earlier one"

    class CatchUp(models.TextChoices):
        """What becomes of the slots that came due while nothing could open them."""

        SKIP = "skip", "leave them out"
        ONE = "one", "run once for all of them"
        ALL = "all", "run them one after the other, up to a limit"

    class Origin(models.TextChoices):
        SITE = "site", "written in the site"
        COMMAND = "command", "made by the crawl command"

    name = models.CharField(max_length=200)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.SITE, editable=False)
    enabled = models.BooleanField(default=True)
    start_urls = models.TextField(help_text="One URL a line.")

    schedule = models.CharField(max_length=8, choices=Schedule, default=Schedule.INTERVAL)
    interval_seconds = models.PositiveIntegerField(null=True, blank=True)
    cron = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    overlap = models.CharField(max_length=5, choices=Overlap, default=Overlap.SKIP)
    catch_up = models.CharField(max_length=4, choices=CatchUp, default=CatchUp.ONE)
    catch_up_limit = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(MOST_CAUGHT_UP)]
    )
    next_slot = models.DateTimeField(null=True, blank=True, editable=False)
    slot_rule = models.CharField(max_length=300, blank=True, editable=False)  # schedule behind next_slot

    lane = models.PositiveSmallIntegerField(
        choices=[(lane.value, lane.label) for lane in Lane], default=Lane.NORMAL
    )
    priority = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(0), MaxValueValidator(9)], help_text="0 to 9; 9 goes first."
    )

    scope = models.CharField(
        max_length=8, choices=[(scope.value, scope.value) for scope in Scope], default=Scope.HOST
    )
    include = models.TextField(blank=True)
    exclude = models.TextField(blank=True)
    max_depth = models.PositiveSmallIntegerField(null=True, blank=True)
    max_pages = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    max_minutes = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])

    use_sitemaps = models.BooleanField(
        default=True, help_text="Those that robots.txt of the start URLs' hosts names. Not for single pages."
    )
    sitemaps = models.TextField(blank=True, help_text="Further sitemaps or feeds, one URL a line.")
    ignore_params = models.TextField(
        blank=True, help_text="Query parameters that do not change a page, one a line; * ends a prefix."
    )
    max_url_length = models.PositiveIntegerField(
        null=True, blank=True, default=2000, validators=[MinValueValidator(1)]
    )
    max_repeated_segments = models.PositiveSmallIntegerField(
        null=True, blank=True, default=3, validators=[MinValueValidator(1)]
    )
    max_pages_per_host = models.PositiveIntegerField(
        null=True, blank=True, default=1_000_000, validators=[MinValueValidator(1)]
    )
    max_same_text = models.PositiveIntegerField(
        null=True, blank=True, default=100, validators=[MinValueValidator(1)]
    )

    delay = models.FloatField(default=1.0, validators=[MinValueValidator(0), MaxValueValidator(3600)])
    per_host = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(64)]
    )
    user_agent = models.CharField(max_length=300, blank=True)
    headers = models.TextField(
        blank=True, help_text="One 'Name: value' a line. Never written to the archive."
    )
    obey_robots = models.BooleanField(default=True)
    robots_reason = models.CharField(max_length=500, blank=True)
    allow_networks = models.TextField(blank=True)
    fields = models.JSONField(default=list, blank=True)  # [{"name": …, "css": …}]

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SeedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(deleted_at=None),
                name="seed_name_unique",
                violation_error_message="Another seed has this name.",
            ),
            models.CheckConstraint(condition=Q(priority__range=(0, 9)), name="seed_priority_0_9"),
            models.CheckConstraint(condition=Q(lane__in=[lane.value for lane in Lane]), name="seed_lane"),
            models.CheckConstraint(
                condition=Q(scope__in=[scope.value for scope in Scope]), name="seed_scope"
            ),
            models.CheckConstraint(condition=Q(delay__gte=0, per_host__gte=1), name="seed_politeness"),
            models.CheckConstraint(
                condition=~Q(schedule="interval") | Q(interval_seconds__gte=1), name="seed_interval_set"
            ),
            models.CheckConstraint(condition=~Q(schedule="cron") | ~Q(cron=""), name="seed_cron_set"),
            models.CheckConstraint(condition=Q(overlap__in=["skip", "queue", "both"]), name="seed_overlap"),
            models.CheckConstraint(
                condition=Q(catch_up__in=["skip", "one", "all"], catch_up_limit__range=(1, MOST_CAUGHT_UP)),
                name="seed_catch_up",
            ),
            models.CheckConstraint(
                condition=Q(obey_robots=True) | ~Q(robots_reason=""), name="seed_robots_reason"
            ),
        ]
        indexes = [
            # the sweep for overdue slots
            models.Index(fields=["next_slot"], condition=Q(deleted_at=None, enabled=True), name="seed_due"),
        ]

    def __str__(self) -> str:
        return self.name

    def policy(self) -> CrawlPolicy:
        """What a run of this seed freezes when it opens.

        Sitemaps serve seeds that follow links: with single pages or depth 0 none is used.
        """
        far = self.scope != Scope.PAGE and self.max_depth != 0
        return CrawlPolicy(
            start_urls=tuple(_lines(self.start_urls)),
            scope=Scope(self.scope),
            include=tuple(_lines(self.include)),
            exclude=tuple(_lines(self.exclude)),
            max_depth=self.max_depth,
            max_pages=self.max_pages,
            max_seconds=self.max_minutes * 60 if self.max_minutes else None,
            delay=self.delay,
            per_host=self.per_host,
            user_agent=self.user_agent,
            obey_robots=self.obey_robots,
            fields=tuple(map(FieldRule.of, self.fields)),
            allow_networks=tuple(_lines(self.allow_networks)),
            sitemaps=tuple(_lines(self.sitemaps)) if far else (),
            robots_sitemaps=self.use_sitemaps and far,
            ignore_params=tuple(_lines(self.ignore_params)),
            max_url_length=self.max_url_length,
            max_repeated_segments=self.max_repeated_segments,
            max_pages_per_host=self.max_pages_per_host,
            max_same_text=self.max_same_text,
        )

    def header_pairs(self) -> tuple[tuple[str, str], ...]:
        """The seed's own request headers; secrets, read only by the fetch stage."""
        pairs = (line.partition(":") for line in _lines(self.headers))
        return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def _lines(value: str) -> list[str]:
    return [line.strip() for line in value.splitlines() if line.strip()]
