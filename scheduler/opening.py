"""Opening runs: slots that have come due, runs that waited for their turn, runs that somebody asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial

from catalog.models import Run
from crawler.lanes import lane_of
from pipelines import runs
from pipelines.runs.opening import open_runs
from scheduler.clock import ledger
from scheduler.isolation import run_isolated
from scheduler.wakeups import wake

OPENED_AT_ONCE = 100  # runs that a transaction opens


def open_slots(now: datetime, until: datetime | None = None) -> None:
    """Slots that have come due, whether or not the clock's message for them has come."""
    more = True
    while more:
        opened = ledger.answer_due(now, until)
        start_all(opened.runs, now)
        more = opened.more


def open_waiting(now: datetime, ended: Collection[int] | None = None) -> None:
    """Runs that waited for an earlier one of their seed; only those behind the runs ``ended``, if given."""
    if ended is None or ended:
        start_all(ledger.call_waiting(now, ended), now)


def start_all(due: Collection[Run], now: datetime) -> None:
    """:func:`start` for many runs, some at a time; one that cannot be opened stops no other."""
    recrawls = [run for run in due if run.kind == Run.Kind.RECRAWL]
    others = [run for run in due if run.kind != Run.Kind.RECRAWL]
    for first in range(0, len(others), OPENED_AT_ONCE):
        part = others[first : first + OPENED_AT_ONCE]
        together = partial(_open_together, part, now)
        if not run_isolated(together, f"{len(part)} runs cannot be opened together; opening them one by one"):
            recrawls += part
    for run in recrawls:
        run_isolated(partial(start, run, now), f"run {run.pk} cannot be opened")


def _open_together(due: Collection[Run], now: datetime) -> None:
    wake(open_runs([run.pk for run in due], now))


def start(run: Run, now: datetime) -> None:
    """Open a run and wake the sessions for its hosts."""
    wake({lane_of(run.rank): runs.start_run(run, now)})
