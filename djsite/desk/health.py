"""The state of the whole system: for the dashboard, ``/health/``, ``/metrics`` and ``crawlbeat status``.

All of them, and the doctor, speak from one list of checks (:mod:`scheduler.checks`), and with one sentence.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from djsite.desk.attention.listing import Attention, attention
from scheduler.checks.findings import CheckOptions, Finding, Level
from scheduler.checks.summary import WELL, in_short
from scheduler.watch import health, metrics

__all__ = ["EXPOSITION_TYPE", "WELL", "Finding", "Level", "exposition", "in_short", "measures", "report"]
EXPOSITION_TYPE = metrics.CONTENT_TYPE


def report(now: datetime) -> dict[str, Any]:
    """Everything as plain data. Raises ``django.db.DatabaseError``."""
    return health.report(CheckOptions(now))


def report_with_attention(now: datetime) -> tuple[dict[str, Any], Attention]:
    """The same with the seeds that a person should see to, both from the same findings."""
    options = CheckOptions(now)
    return health.report(options), attention(options)


def measures(now: datetime) -> dict[str, Any]:
    """Every measure as plain data, by its name. Raises ``django.db.DatabaseError``."""
    return metrics.plain(metrics.collect(now))


def exposition(now: datetime) -> str:
    """Every measure as the text that Prometheus reads. Raises ``django.db.DatabaseError``."""
    return metrics.exposition(metrics.collect(now))
