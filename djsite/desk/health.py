"""The state of the whole system: for the dashboard, ``/health/``, ``/metrics`` and ``crawlbeat status``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scheduler.checks.findings import Finding
from scheduler.watch import metrics
from scheduler.watch.health import report

__all__ = ["EXPOSITION_TYPE", "Finding", "exposition", "measures", "report"]
EXPOSITION_TYPE = metrics.CONTENT_TYPE


def measures(now: datetime) -> dict[str, Any]:
    """Every measure as plain data, by its name. Raises ``django.db.DatabaseError``."""
    return metrics.plain(metrics.collect(now))


def exposition(now: datetime) -> str:
    """Every measure as the text that Prometheus reads. Raises ``django.db.DatabaseError``."""
    return metrics.exposition(metrics.collect(now))
