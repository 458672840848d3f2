"""Reading: what one rule set found on one version of a page, a fact. Coverage: how much a run read in all."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from catalog.models.page import Snapshot
from catalog.models.rereading import Rereading
from catalog.models.ruleset import RuleSet
from catalog.models.run import Run
from crawler.collections import PAGES

_PROMOTED = Q(rereading__state=Rereading.State.PROMOTED, rereading__collection__in=("", PAGES))


class ReadingQuerySet(models.QuerySet["Reading"]):
    def shown(self) -> ReadingQuerySet:
        """Without those that only a rereading has made whose result is not in use.

        If it was promoted for one collection, the others are not in use. Of readings, people see the
        collection of the pages themselves.
        """
        return self.filter(Q(rereading=None) | _PROMOTED)

    def newest_first(self) -> ReadingQuerySet:
        """The readings of one version that people may see, by the newest rules first."""
        return self.shown().order_by("-rule_set__in_force_since")


class Reading(models.Model):
    """What one rule set read from one snapshot."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="readings", db_index=False)
    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    data = models.JSONField(default=dict)  # {collection: [values of a record, ...]}, in document order
    keys = models.JSONField(default=dict)  # {collection: [Record.key_hash, ...]} of those that have a key
    rereading = models.ForeignKey(
        Rereading,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )  # that made it; null: a run has read this too

    objects = ReadingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "rule_set"], name="reading_once")]

    def __str__(self) -> str:
        return f"reading of snapshot {self.snapshot_id} by rule set {self.rule_set_id}"


class Coverage(models.Model):
    """Counted when a run has ended. A collection falls as a whole (empty name) or by a field."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="coverage", db_index=False)
    collection = models.CharField(max_length=100)
    pages = models.PositiveIntegerField(default=0)  # that were read, and hold records now or held some before
    holding = models.PositiveIntegerField(default=0)  # of these, pages that hold records now
    records = models.PositiveIntegerField(default=0)  # on these pages
    fields = models.JSONField(default=dict)  # {name: [records with a value, records with a problem]}
    fallen = models.JSONField(default=dict)  # {name, or "": {"since": ISO 8601, "pages": [ids of examples]}};
    # with "accepted" (ISO 8601) if a person has said since that it is really gone

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "collection"], name="coverage_once_per_run")]

    def __str__(self) -> str:
        return f"coverage of {self.collection} in run {self.run_id}"

    @property
    def falls(self) -> dict[str, dict[str, Any]]:
        """What has fallen and is held: what a person has accepted is how the site is now."""
        return {name: fall for name, fall in self.fallen.items() if "accepted" not in fall}

    @property
    def example_pages(self) -> set[int]:
        """Some pages, by id, that show what has fallen."""
        return {pk for fall in self.falls.values() for pk in fall["pages"]}
