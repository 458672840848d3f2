"""Rows that should have changed by now: slots, runs, batches, hosts with due work, exports."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from catalog.models import Batch, Export, Host, Run, Seed
from pipelines import work_leases
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.checks.processes import late_after
from scheduler.clock.decisions import WAITING

SWEEP = "The sweep should have seen to it: look at beat, and at the worker that takes from 'control'."
EXPORT_WAITS = timedelta(minutes=5)  # until a worker takes its next part


def slots(options: CheckOptions) -> Findings:
    """Seeds that came due, and seeds that never do."""
    overdue = Seed.objects.scheduled().filter(next_slot__lt=options.now - late_after())
    if number := overdue.count():
        yield Finding(
            "slots-overdue",
            f"Seeds that came due and were not opened: {number}.",
            f"{SWEEP} By the seed's policy the slots are run late or written down as missed.",
            options.late_level,
            [seed.name for seed in overdue[:EXAMPLES]],
        )
    never = Seed.objects.scheduled().filter(next_slot=None)
    if number := never.count():
        yield Finding(
            "slots-never",
            f"Enabled seeds that never come due: {number}.",
            "Correct the schedule; the seed's form says what cannot be read.",
            examples=[seed.name for seed in never[:EXAMPLES]],
        )


def unopened_runs(options: CheckOptions) -> Findings:
    """Runs that wait for nothing but a worker."""
    due = Run.objects.filter(state=Run.State.DUE, created_at__lt=options.now - late_after())
    due = due.exclude(reason=WAITING)
    if number := due.count():
        yield Finding(
            "runs-unopened",
            f"Runs that are due and were not opened: {number}.",
            SWEEP,
            options.late_level,
            [f"run {pk}" for pk in due.values_list("pk", flat=True)[:EXAMPLES]],
        )


def batches(options: CheckOptions) -> Findings:
    """Batches on their way through parse and store."""
    overdue = Batch.objects.exclude(state=Batch.State.STORED).filter(due_at__lt=options.now - late_after())
    if number := overdue.count():
        yield Finding(
            "batches-overdue",
            f"Batches that should have gone through parse and store by now: {number}.",
            "Look at the logs of the parse and store workers; add workers if those do not keep up.",
            options.late_level,
            [f"batch {pk} ({state})" for pk, state in overdue.values_list("pk", "state")[:EXAMPLES]],
        )


def progress(options: CheckOptions) -> Findings:
    """Whether anything is fetched while hosts have due work: each page, also a failed one, is in a batch."""
    since = options.now - stalled_after()
    waiting = Host.objects.filter(
        Q(next_request_at=None) | Q(next_request_at__lte=since),
        Q(open_until=None) | Q(open_until__lte=since),
        due_at__lte=since,
        rank__lt=Host.NO_WORK,
    )
    newest = Batch.objects.order_by("-pk").values_list("created_at", flat=True).first()
    if newest is not None and newest > since:
        return
    if number := waiting.count():
        yield Finding(
            "no-progress",
            f"Hosts with due work, while nothing was fetched for {stalled_after().total_seconds():g} s: "
            f"{number}.",
            "Look at the logs of the fetch workers, and at the archive: a worker that cannot deliver its "
            "pages fetches no others.",
            options.late_level,
            [host.origin for host in waiting[:EXAMPLES]],
        )


def exports(options: CheckOptions) -> Findings:
    """Exports that no worker has, and whose next part nobody takes."""
    free = Export.objects.filter(state=Export.State.WAITING).exclude(
        work_leases.held(options.now), lease_until__isnull=False
    )
    stuck = free.filter(created_at__lt=options.now - EXPORT_WAITS).exclude(
        begun_at__isnull=False, begun_at__gte=options.now - EXPORT_WAITS
    )
    if number := stuck.count():
        yield Finding(
            "exports-stuck",
            f"Exports that do not advance: {number}.",
            "Look at the worker that takes from 'control'. Ask for an export again if it does not end.",
            options.late_level,
            [f"export {pk}" for pk in stuck.values_list("pk", flat=True)[:EXAMPLES]],
        )


def stalled_after() -> timedelta:
    """How long fetching may stand still: a request has its deadline, and a session holds its hosts."""
    return max(2 * late_after(), timedelta(seconds=4 * settings.FETCH_DEADLINE))
