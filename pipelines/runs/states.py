"""Runs: opening, pausing, stopping and closing them.

Pausing, resuming and stopping only turn a run's state, which is quick. :func:`settle_run` then brings its
visits in line chunk by chunk, each in a short transaction that reads the state again. If that is interrupted,
or the state is turned again meanwhile, the sweep settles the visits that are left. Locks are taken in the
order run, visits, hosts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from catalog.models import Run, Visit
from crawler.outcomes import Outcome, Reason
from pipelines.frontier import hosts
from pipelines.runs.known_failures import save_known
from pipelines.runs.left_out import runs_to_settle, skip_left_out

CHUNK = 500  # visits a transaction moves
SEED_DELETED = "seed_deleted"

State = Run.State
Kind = Run.Kind
# states that no visit of a run in this state may have once it is settled
_UNSETTLED = {
    State.OPEN: [Visit.State.HELD],
    State.PAUSED: [Visit.State.QUEUED],
    State.STOPPING: [Visit.State.QUEUED, Visit.State.HELD],
}


def stop_run(run: Run, now: datetime, reason: str = Reason.STOPPED) -> bool:
    """Fetch no more of a run: it closes when visits in hand have ended. False when it is over already."""
    unopened = Run.objects.filter(pk=run.pk, state=State.DUE, discovered=0)
    if unopened.update(state=State.SKIPPED, reason=reason, finished_at=now):
        return True
    return _turn(run, [State.DUE, State.OPEN, State.PAUSED], State.STOPPING, reason=reason)


def pause_run(run: Run) -> bool:
    """Hold the queued visits; False when the run is not open."""
    return _turn(run, [State.OPEN], State.PAUSED)


def resume_run(run: Run) -> bool:
    """Queue the held visits again; False when the run is not paused."""
    return _turn(run, [State.PAUSED], State.OPEN)


def _turn(run: Run, before: list[Run.State], after: Run.State, **columns: str) -> bool:
    return bool(Run.objects.filter(pk=run.pk, state__in=before).update(state=after, **columns))


def settle_runs(now: datetime) -> set[int]:
    """Settle every open run that an interruption, a retry or a late admission left unsettled."""
    touched: set[int] = set()
    for state in _UNSETTLED:
        for run_id in set(Run.objects.filter(state=state).values_list("pk", flat=True)):
            if unsettled(run_id, state).filter(run__state=state).exists():
                touched |= settle_run(run_id, now)
    for run_id in runs_to_settle():
        touched |= skip_left_out(run_id, now)
    return touched


def unsettled(run_id: int, state: State) -> QuerySet[Visit]:
    """The visits that a run in this state may not have."""
    # all of them are below FETCHED: by that SQLite knows the index, and does not read every visit of the run
    return Visit.objects.filter(
        run=run_id, state__in=_UNSETTLED.get(state, []), state__lt=Visit.State.FETCHED
    )


def settle_run(run_id: int, now: datetime) -> set[int]:
    """Bring the visits of a run in line with its state; returns the hosts whose queue changed."""
    touched = skip_left_out(run_id, now)
    while moved := _settle_chunk(run_id):
        touched |= moved
    ordered = sorted(touched)
    for start in range(0, len(ordered), CHUNK):
        hosts.requeue(ordered[start : start + CHUNK], now)
    return touched


def _settle_chunk(run_id: int) -> set[int]:
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        visits = unsettled(run_id, State(run.state))
        chunk = dict(visits.values_list("pk", "host_id")[:CHUNK])
        if not chunk:
            return set()
        moved = visits.filter(pk__in=chunk).update(**_settled(run))
        if run.state == State.STOPPING:
            Run.objects.filter(pk=run_id).update(skipped=F("skipped") + moved)
    return set(chunk.values())


def _settled(run: Run) -> dict[str, Any]:
    if run.state == State.STOPPING:
        late = run.reason == Reason.MAX_DURATION
        reason = Reason.MAX_DURATION if late else Reason.STOPPED
        return {"state": Visit.State.DONE, "outcome": Outcome.SKIPPED, "reason": reason}
    return {"state": Visit.State.HELD if run.state == State.PAUSED else Visit.State.QUEUED}


def close_runs(now: datetime) -> list[int]:
    """Stop runs past their time or without a seed, and finish those whose visits have all ended.

    Returns the runs that finished.
    """
    for run in Run.objects.filter(state__in=_UNSETTLED, seed__deleted_at__isnull=False):
        _stop_and_settle(run, now, SEED_DELETED)
    for run in Run.objects.filter(state=State.OPEN):
        limit = run.policy.max_seconds
        if limit is not None and run.started_at and run.started_at + timedelta(seconds=limit) <= now:
            _stop_and_settle(run, now, Reason.MAX_DURATION)
    complete = Run.objects.open().complete()
    return [pk for pk in complete.values_list("pk", flat=True) if finish_run(pk, now)]


def _stop_and_settle(run: Run, now: datetime, reason: str) -> None:
    if stop_run(run, now, reason):
        settle_run(run.pk, now)


def finish_run(run_id: int, now: datetime) -> bool:
    """Close a run if it is open and all its visits have ended; a compare-and-set, so it happens once."""
    complete = Run.objects.open().complete().filter(pk=run_id)
    with transaction.atomic():
        finished = bool(complete.update(state=State.FINISHED, finished_at=now))
        if finished:
            save_known(Run.objects.get(pk=run_id), now)
    return finished
