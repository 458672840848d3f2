"""Opening runs: slots that have come due, runs that waited for an earlier run, runs asked for by hand."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from functools import partial

from catalog.models import Run
from crawler.lanes import lane_of
from pipelines import runs
from pipelines.runs.opening import open_runs
from pipelines.runs.openings import counted, may_be_opened
from scheduler.clock import ledger
from scheduler.isolation import run_isolated
from scheduler.wakeups import wake

logger = logging.getLogger(__name__)

OPENED_AT_ONCE = 100  # runs opened in a transaction


def open_slots(now: datetime, until: datetime | None = None) -> None:
    """Open the slots that have come due, with or without the clock's message for them."""
    more = True
    while more:
        due = ledger.answer_due(now, until)
        open_all(due.runs, now)
        more = due.more


def open_waiting(now: datetime, ended: Collection[int] | None = None) -> None:
    """Open runs that waited for an earlier run of their seed; with ``ended``, only for one of these."""
    if ended is None or ended:
        open_all(ledger.call_waiting(now, ended), now)


def open_all(due: Collection[Run], now: datetime) -> None:
    """Open many runs, some at a time; one that cannot be opened stops no other."""
    single = [run for run in due if run.kind == Run.Kind.RECRAWL or run.openings]
    common = [run for run in due if run.kind != Run.Kind.RECRAWL and not run.openings]
    for first in range(0, len(common), OPENED_AT_ONCE):
        part = common[first : first + OPENED_AT_ONCE]
        together = partial(_open_together, part, now)
        if not run_isolated(together, f"{len(part)} runs cannot be opened together; opening them one by one"):
            single += part
    for run in single:
        run_isolated(partial(open_run, run, now), f"run {run.pk} cannot be opened")


def _open_together(due: Collection[Run], now: datetime) -> None:
    run_ids = [run.pk for run in due]
    with counted(run_ids, alone=False):
        hosts = open_runs(run_ids, now)
    wake(hosts)


def open_run(run: Run, now: datetime) -> None:
    """Open a run and wake the sessions for its hosts."""
    if not may_be_opened(run, now):
        logger.error("run %s is given up: its opening ended half-way again and again", run.pk)
        return
    with counted([run.pk], alone=True):
        hosts = runs.start_run(run, now)
    wake({lane_of(run.rank): hosts})
