"""Coverage: how much of a collection one run read, of what should be there."""

from __future__ import annotations

from django.db import models

from catalog.models.run import Run


class Coverage(models.Model):
    """Counted when a run has ended. A collection falls as a whole (empty name) or by a field."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="coverage", db_index=False)
    collection = models.CharField(max_length=100)
    pages = models.PositiveIntegerField(default=0)  # that were read, and hold records now or held some before
    holding = models.PositiveIntegerField(default=0)  # of these, pages that hold records now
    records = models.PositiveIntegerField(default=0)  # on these pages
    fields = models.JSONField(default=dict)  # {name: [records with a value, records with a problem]}
    fallen = models.JSONField(default=dict)  # {name, or "": {"since": ISO 8601, "pages": [ids of examples]}}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "collection"], name="coverage_once_per_run")]

    def __str__(self) -> str:
        return f"coverage of {self.collection} in run {self.run_id}"
