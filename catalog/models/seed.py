"""Seed: what somebody wants crawled, how far, how often, and which fields."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.decided.group import SeedGroup
from catalog.sealing import SealedHeaders, unseal
from catalog.seed_columns import CHECKED_BY_COLUMNS, bounds, one_of, sentences, within, words_of
from crawler.lanes import Lane
from crawler.policy import ChangeMeans, CrawlPolicy, Scope
from crawler.seeds import CatchUp, Overlap, Schedule, SeedSpec, check, spec_of
from crawler.seeds.numbers import default_of


class SeedQuerySet(models.QuerySet["Seed"]):
    def alive(self) -> SeedQuerySet:
        """Seeds that are not deleted: those that people see."""
        return self.filter(deleted_at=None)

    def scheduled(self) -> SeedQuerySet:
        """Seeds whose slots the clock must know."""
        return self.alive().filter(enabled=True).exclude(schedule=Seed.Schedule.MANUAL)


class Seed(models.Model):
    """Start URLs with their schedule, scope, lane, limits, politeness and fields.

    The row decides; RedBeat only gets a copy of its ``next_slot``. Deleting is soft (``deleted_at``): the
    rows that belong to a deleted seed are pruned in the background.
    """

    Schedule, Overlap, CatchUp = Schedule, Overlap, CatchUp

    class Origin(models.TextChoices):
        SITE = "site", "written in the site"
        COMMAND = "command", "made by the crawl command"

    name = models.CharField(max_length=200)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.SITE, editable=False)
    enabled = models.BooleanField(default=True)
    tags = models.JSONField(default=list, blank=True)  # words by which people group seeds
    group = models.ForeignKey(
        SeedGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="seeds", editable=False
    )
    inherits = models.JSONField(default=list, blank=True, editable=False)  # settings taken from the group
    start_urls = models.TextField(help_text="One URL a line.")
    requests = models.JSONField(default=list, blank=True)  # in plain form: [{"url": …, "json": …}]

    schedule = models.CharField(max_length=8, choices=words_of(Schedule), default=Schedule.INTERVAL)
    interval_seconds = models.PositiveIntegerField(null=True, blank=True)
    cron = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    overlap = models.CharField(max_length=5, choices=words_of(Overlap), default=Overlap.SKIP)
    catch_up = models.CharField(max_length=4, choices=words_of(CatchUp), default=CatchUp.ONE)
    catch_up_limit = models.PositiveSmallIntegerField(
        default=default_of("catch_up_limit"), validators=bounds("catch_up_limit")
    )
    next_slot = models.DateTimeField(null=True, blank=True, editable=False)
    slot_rule = models.CharField(
        max_length=300, blank=True, editable=False
    )  # the schedule that next_slot follows

    lane = models.PositiveSmallIntegerField(
        choices=[(lane.value, lane.label) for lane in Lane], default=Lane.NORMAL
    )
    priority = models.PositiveSmallIntegerField(
        default=default_of("priority"), validators=bounds("priority"), help_text="0 to 9; 9 goes first."
    )

    scope = models.CharField(
        max_length=8, choices=[(scope.value, scope.value) for scope in Scope], default=Scope.HOST
    )
    include = models.TextField(blank=True)
    exclude = models.TextField(blank=True)
    max_depth = models.PositiveSmallIntegerField(null=True, blank=True, validators=bounds("max_depth"))
    max_pages = models.PositiveIntegerField(null=True, blank=True, validators=bounds("max_pages"))
    max_minutes = models.PositiveIntegerField(null=True, blank=True, validators=bounds("max_minutes"))

    use_sitemaps = models.BooleanField(
        default=True, help_text="Those that robots.txt of the start URLs' hosts names. Not for single pages."
    )
    sitemaps = models.TextField(blank=True, help_text="Further sitemaps or feeds, one URL a line.")
    ignore_params = models.TextField(
        blank=True, help_text="Query parameters that do not change a page, one a line; * ends a prefix."
    )
    max_url_length = models.PositiveIntegerField(
        null=True, blank=True, default=default_of("max_url_length"), validators=bounds("max_url_length")
    )
    max_repeated_segments = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        default=default_of("max_repeated_segments"),
        validators=bounds("max_repeated_segments"),
    )
    max_pages_per_host = models.PositiveIntegerField(
        null=True,
        blank=True,
        default=default_of("max_pages_per_host"),
        validators=bounds("max_pages_per_host"),
    )
    max_same_text = models.PositiveIntegerField(
        null=True, blank=True, default=default_of("max_same_text"), validators=bounds("max_same_text")
    )

    delay = models.FloatField(default=default_of("delay"), validators=bounds("delay"))
    per_host = models.PositiveSmallIntegerField(default=default_of("per_host"), validators=bounds("per_host"))
    user_agent = models.CharField(max_length=300, blank=True)
    headers = SealedHeaders(blank=True, help_text="One 'Name: value' a line. Never written to the archive.")
    obey_robots = models.BooleanField(default=True)
    robots_reason = models.CharField(max_length=500, blank=True)
    allow_networks = models.TextField(blank=True)
    accept = models.TextField(
        blank=True, help_text="Verdicts that are overruled, one a line, with a pattern or without."
    )
    change_means = models.CharField(
        max_length=7,
        choices=words_of(ChangeMeans),
        default=ChangeMeans.CONTENT,
    )
    noise = models.TextField(blank=True, help_text="Parts that are no content, one a line.")
    learn_noise = models.BooleanField(default=True)
    second_look_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        default=default_of("second_look_minutes"),
        validators=bounds("second_look_minutes"),
    )
    keep_versions = models.PositiveIntegerField(null=True, blank=True, validators=bounds("keep_versions"))
    keep_days = models.PositiveIntegerField(null=True, blank=True, validators=bounds("keep_days"))
    keep_daily = models.BooleanField(default=False)
    fields = models.JSONField(default=list, blank=True)  # rules in plain form: [{"name": …, "css": …}]
    collections = models.JSONField(default=list, blank=True)  # in plain form, see crawler.collections

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
            models.CheckConstraint(condition=within("priority"), name="seed_priority_0_9"),
            models.CheckConstraint(condition=one_of("lane", Lane), name="seed_lane"),
            models.CheckConstraint(condition=one_of("scope", Scope), name="seed_scope"),
            models.CheckConstraint(condition=Q(delay__gte=0, per_host__gte=1), name="seed_politeness"),
            models.CheckConstraint(
                condition=~Q(schedule="interval") | Q(interval_seconds__gte=1), name="seed_interval_set"
            ),
            models.CheckConstraint(condition=~Q(schedule="cron") | ~Q(cron=""), name="seed_cron_set"),
            models.CheckConstraint(condition=one_of("overlap", Overlap), name="seed_overlap"),
            models.CheckConstraint(
                condition=one_of("catch_up", CatchUp) & within("catch_up_limit"),
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

    def clean(self) -> None:
        """Tidy what was written, or raise ValidationError with the sentences of :mod:`crawler.seeds`.

        Numbers and choices are checked by their columns, which have the same ranges and words.
        """
        tidied, problems = check(self.written())
        if unchecked := [problem for problem in problems if problem.field not in CHECKED_BY_COLUMNS]:
            raise ValidationError(sentences(unchecked))
        for name in written_names():
            setattr(self, name, tidied[name])

    def written(self) -> dict[str, Any]:
        """What was written, as :mod:`crawler.seeds` takes it."""
        return {name: getattr(self, name) for name in written_names()}

    def spec(self) -> SeedSpec:
        """The definition of this seed."""
        return spec_of(self.written())

    def policy(self) -> CrawlPolicy:
        """What a run of this seed freezes when it opens."""
        return self.spec().policy()

    def header_pairs(self) -> tuple[tuple[str, str], ...]:
        """The seed's own request headers, opened; secrets, for requests only.

        Raises:
            SealingError: no key opens them.
        """
        return tuple((name, unseal(value)) for name, value in self.spec().headers)

    def header_names(self) -> list[str]:
        """The names of its own request headers."""
        return [name for name, _ in self.spec().headers]


@cache
def written_names() -> tuple[str, ...]:
    """The columns that hold what a person says about a seed."""
    columns = {field.name for field in Seed._meta.concrete_fields}
    return tuple(name for name in SeedSpec.__struct_fields__ if name in columns)
