"""Record and RecordVersion: a thing that a seed's pages show, over time, and the values it had before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models

from catalog.models.changeset import change_set
from catalog.models.page import Page, Snapshot
from catalog.models.ruleset import RuleSet
from catalog.models.seed import Seed

HELD = "held_since"


class Record(models.Model):
    """A thing of a collection, known by its key, or by its page and position if the collection has none.

    The values are those of its home. While that page is found unchanged, no row is touched: then the record
    was seen last when its page was (``page.last_fetched_at``).
    """

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="records", db_index=False)
    collection = models.CharField(max_length=100)
    key_hash = models.BigIntegerField()  # of the key, or of page and position; see pipelines.store.identity
    key = models.JSONField(default=list)  # the texts of its key fields, to be shown; empty: page and position
    page = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="records", db_index=False
    )  # its home
    also_on = models.JSONField(default=list)  # further pages that hold it, by id; a last 0: and others
    position = models.PositiveIntegerField(default=0)  # on its home, among those of its collection

    values = models.JSONField(default=dict)
    problems = models.JSONField(default=dict)  # by field: {"reason": ..., "raw": ...}; see held_in
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )  # from which the values were read: an older version of the page, if its newest shows the same values
    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )  # by which they were read

    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    last_changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    changed_in = change_set()  # the last in which it was new, changed, went or came back
    new_in = change_set()  # in which it was new, or came back

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seed", "collection", "key_hash"], name="record_once_per_seed")
        ]
        indexes = [
            # what a page holds
            models.Index(fields=["page"], name="record_on_page"),
            # the feed of changes, of all seeds and of one
            models.Index(fields=["changed_in", "seed"], name="record_in_change_set"),
            # lists and exports
            models.Index(fields=["seed", "collection", "-id"], name="record_of_collection"),
        ]

    def __str__(self) -> str:
        return f"{self.collection} {' '.join(self.key) or self.position}"

    @property
    def held(self) -> dict[str, datetime]:
        """The fields whose last good value is held, and since when their page shows none."""
        return {name: datetime.fromisoformat(mark[HELD]) for name, mark in held_in(self.problems).items()}


def held_in(problems: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Of the problems of a record, those of fields whose last good value is held.

    They have ``held_since`` (ISO 8601), and the ``snapshot`` and ``rule_set`` by which the value was read.
    """
    return {name: each for name, each in problems.items() if isinstance(each, dict) and HELD in each}


class RecordVersion(models.Model):
    """Values that a record had before."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="earlier", db_index=False)
    values = models.JSONField(default=dict)
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    since = models.DateTimeField()
    until = models.DateTimeField()
    changed_in = change_set()  # that ended it

    class Meta:
        indexes = [models.Index(fields=["record", "-id"], name="record_version")]

    def __str__(self) -> str:
        return f"values of record {self.record_id} until {self.until:%Y-%m-%d %H:%M:%S}"
