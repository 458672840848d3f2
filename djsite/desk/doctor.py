"""The doctor: what is wrong with an installation, and what to do about it."""

from __future__ import annotations

from datetime import datetime

from scheduler import doctor
from scheduler.doctor import CheckOptions, Finding, Level, Report
from scheduler.doctor.findings import EXAMPLES

__all__ = ["EXAMPLES", "Finding", "Level", "Report", "examine"]


def examine(now: datetime, *, running: bool, whole: bool = False) -> Report:
    """Look at settings, servers, rows and archive. Raises ``django.db.DatabaseError``.

    ``running``: processes are expected to be there. ``whole``: look at every segment of the archive.
    """
    return doctor.examine(CheckOptions(now, running=running, whole=whole))
