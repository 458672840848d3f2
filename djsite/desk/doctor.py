"""The doctor: what is wrong with an installation, and what to do about it."""

from __future__ import annotations

from datetime import datetime

from scheduler import doctor
from scheduler.doctor import CheckOptions, Level, Report

__all__ = ["Level", "Report", "examine"]


def examine(now: datetime, *, running: bool, whole: bool = False) -> Report:
    """Look at settings, servers, rows and archive. Raises ``django.db.DatabaseError``.

    ``running``: processes are expected to be there. ``whole``: read every body of the archive.
    """
    return doctor.examine(CheckOptions(now, running=running, whole=whole))
