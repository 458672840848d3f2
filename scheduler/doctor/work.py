"""Leases that nobody freed, visits that are lost, and wrong counters."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from catalog.models import Batch, Host, Run, Seed, Visit
from catalog.models.run import RunQuerySet
from crawler.rules.scope import ScopeRules
from pipelines import runs
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.checks.processes import late_after
from scheduler.checks.work import SWEEP


def check(options: CheckOptions) -> Findings:
    """Leases that nobody freed, visits that are lost, and counters that do not agree with their rows."""
    yield from check_leases(options)
    yield from check_patterns()
    yield from check_visits()
    yield from check_counters(Run.objects.open())


def check_leases(options: CheckOptions) -> Findings:
    """Hosts held by a session that must be dead."""
    ended = options.now - 2 * timedelta(seconds=settings.HOST_LEASE_SECONDS) - late_after()
    before = ended if options.running else options.now
    stale = Host.objects.exclude(lease_owner="").filter(lease_until__lt=before)
    if number := stale.count():
        owners = stale.order_by().values_list("lease_owner", flat=True).distinct()
        yield Finding(
            "stale-leases",
            f"Hosts held by leases that ended: {number}.",
            f"{SWEEP} They hold nobody up: the next session takes them over.",
            options.late_level,
            [str(owner) for owner in owners[:EXAMPLES]],
        )


def check_patterns() -> Findings:
    """Seeds with a pattern that cannot be used, which an earlier release took."""
    expressions = Q(include__contains="re:") | Q(exclude__contains="re:")
    seeds = Seed.objects.alive().filter(expressions)
    wrong = [seed.name for seed in seeds if ScopeRules(seed.policy(), ()).problem]
    if wrong:
        yield Finding(
            "seeds-patterns",
            f"Seeds with a pattern that cannot be used, so that nothing of them is crawled: {len(wrong)}.",
            "Save each in its form, which says what to write instead.",
            examples=wrong[:EXAMPLES],
        )


def check_visits() -> Findings:
    """Visits that were fetched and are in no batch that will finish them."""
    fetched = Visit.objects.filter(run__in=Run.objects.open(), state=Visit.State.FETCHED)
    lost = fetched.filter(Q(batch=None) | Q(batch__state=Batch.State.STORED))
    if number := lost.count():
        yield Finding(
            "visits-lost",
            f"Visits that were fetched and are in no batch under way, so their runs cannot end: {number}.",
            "Stop the runs and run them again; and report this, it should be impossible.",
            examples=list(lost.values_list("url", flat=True)[:EXAMPLES]),
        )


def check_counters(of: RunQuerySet) -> Findings:
    """Runs whose counters are not those of their visits, and runs that ended too early."""
    wrong = {pk: names for pk in of.values_list("pk", flat=True) if (names := runs.recount(pk))}
    if wrong:
        yield Finding(
            "counters",
            f"Runs whose counters are not those of their visits: {len(wrong)}.",
            "Report this, it should be impossible. 'crawlbeat manage shell' with "
            "pipelines.runs.reconcile_counters(run) corrects them.",
            examples=[f"run {pk}: {_pairs(names)}" for pk, names in list(wrong.items())[:EXAMPLES]],
        )
    ended = of.incomplete().filter(finished_at__isnull=False)
    if number := ended.count():
        yield Finding(
            "runs-unfinished",
            f"Runs that ended before their visits: {number}.",
            "Report this, it should be impossible.",
            examples=[f"run {pk}" for pk in ended.values_list("pk", flat=True)[:EXAMPLES]],
        )


def _pairs(counters: dict[str, tuple[int, int]]) -> str:
    return ", ".join(f"{name} {counter} of {visits}" for name, (counter, visits) in counters.items())
