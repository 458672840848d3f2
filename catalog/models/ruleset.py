"""RuleSet: the rules by which the fields of a seed's pages are read, numbered as people change them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.models.seed import Seed


class RuleSet(models.Model):
    """Rules that a run has frozen or a person has saved. They never change: new rules are a new row.

    When people go back to earlier rules, the earlier row comes into force again. So ``in_force_since`` says
    which one is the newest, and not the number.
    """

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="rule_sets", db_index=False)
    number = models.PositiveIntegerField()  # of the seed: 1, 2, …
    rules = models.JSONField()  # collections in plain form; where 0.1 kept no rules, fields have only names
    digest = models.CharField(max_length=16)  # see crawler.reading.fields.rules_digest
    in_force_since = models.DateTimeField()  # set again when people go back to it; unique in a seed
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seed", "number"], name="rule_set_number"),
            models.UniqueConstraint(fields=["seed", "digest"], name="rule_set_once"),
        ]

    def __str__(self) -> str:
        return f"rule set {self.number} of seed {self.seed_id}"
