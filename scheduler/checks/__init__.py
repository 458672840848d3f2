"""The one list of checks behind ``/health/``, ``crawlbeat status``, ``/metrics`` and ``crawlbeat doctor``.

A check is a function from :class:`CheckOptions` to findings. Those listed here are cheap: a few small reads,
so that a monitor may ask every few seconds. The doctor runs them too, and others that look longer
(:mod:`scheduler.doctor`). To add one, write the function and name it here; docs/operations.md lists its code.
"""

from __future__ import annotations

from scheduler.checks import (
    archive,
    broker,
    channels,
    clock,
    outlets,
    processes,
    promises,
    search,
    seeds,
    work,
    writing,
)
from scheduler.checks.findings import Check, CheckOptions, Finding, Level

__all__ = ["CHECKS", "findings", "problems"]

CHECKS: dict[str, tuple[Check, ...]] = {
    "Redis": (broker.answers, broker.keeps_data, broker.queues_are_emptied),
    "processes": (
        processes.beat,
        processes.workers,
        processes.queues,
        processes.restarts,
        processes.clock_entries,
        clock.signs_from_the_future,
        writing.write_lock,
    ),
    "work": (
        work.slots,
        work.unopened_runs,
        work.batches,
        work.progress,
        work.exports,
        search.keeps_up,
        clock.slots_too_far_ahead,
        seeds.missed,
        seeds.failing,
        seeds.fell,
        seeds.setback,
        seeds.muted,
    ),
    "promises": (promises.broken,),
    "channels": (channels.failing, channels.waiting),
    "outlets": (outlets.failing, outlets.waiting),
    "archive": (archive.room, archive.failed_writes),
}


def findings(options: CheckOptions) -> list[Finding]:
    """What the cheap checks find, problems and notes. Raises ``django.db.DatabaseError``."""
    return [finding for checks in CHECKS.values() for check in checks for finding in check(options)]


def problems(options: CheckOptions) -> list[Finding]:
    """The problems among them."""
    return [finding for finding in findings(options) if finding.level == Level.PROBLEM]
