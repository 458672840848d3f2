"""Runs, from their row in the ledger to their end: opening, pausing, stopping, closing; recrawl orders."""

from pipelines.runs.counters import reconcile_counters, recount
from pipelines.runs.opening import create_recrawl, create_run, start_run
from pipelines.runs.states import (
    SEED_DELETED,
    close_runs,
    finish_run,
    pause_run,
    resume_run,
    settle_run,
    settle_runs,
    stop_run,
)

__all__ = [
    "SEED_DELETED",
    "close_runs",
    "create_recrawl",
    "create_run",
    "finish_run",
    "pause_run",
    "reconcile_counters",
    "recount",
    "resume_run",
    "settle_run",
    "settle_runs",
    "start_run",
    "stop_run",
]
