"""A run's counters compared with its visits: where they differ, and correcting them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, Q

from catalog.models import Run
from crawler.outcomes import Outcome


def recount(run_id: int) -> dict[str, tuple[int, int]]:
    """Where a run's counters differ from its visits, as (counter, visits); one statement reads both.

    For runs whose visits still exist: they are pruned before the run, whose counters stay.
    """
    names = ["discovered", *(outcome.label for outcome in Outcome)]
    real = {
        f"real_{outcome.label}": Count("visits", filter=Q(visits__outcome=outcome)) for outcome in Outcome
    }
    row = Run.objects.order_by().filter(pk=run_id).values(*names)
    counts = row.annotate(real_discovered=Count("visits"), **real).get()
    pairs = {name: (counts[name], counts[f"real_{name}"]) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def reconcile_counters(run: Run) -> dict[str, tuple[int, int]]:
    """Correct a run's counters by its visits; returns what differed, as :func:`recount`."""
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)
        wrong = recount(run.pk)
        Run.objects.filter(pk=run.pk).update(**{name: pair[1] for name, pair in wrong.items()})
    return wrong
