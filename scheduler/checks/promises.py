"""Promises about data that are broken: somebody relies on what is not there."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.models import Promise
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings


def broken(options: CheckOptions) -> Findings:
    """Promises of seeds that are not deleted; their rows say why. Costs one query, or two."""
    promises = list(_broken()[:EXAMPLES])
    if promises:
        seeds = list(_broken().values_list("seed_id", flat=True))
        yield Finding(
            "promises-broken",
            f"Promises about data that are broken: {len(seeds)}.",
            "The promises of each seed say what is missing. They are kept again with the first run that "
            "brings it; until then exports are held where the promise says so.",
            examples=[f"{each.seed.name}: {' '.join(each.reasons)}" for each in promises[:EXAMPLES]],
            seeds=seeds,
        )


def _broken() -> QuerySet[Promise]:
    rows = Promise.objects.filter(enabled=True, broken_since__isnull=False, seed__deleted_at=None)
    return rows.select_related("seed").order_by("broken_since", "pk")
