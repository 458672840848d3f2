"""The doctor: looks at settings, servers, rows and archive, and says what is wrong and what to do.

Each area is a function from :class:`CheckOptions` to findings, so that tests and benches can use it alone.
"""

from __future__ import annotations

from collections.abc import Callable

from scheduler.doctor import archive, broker, configuration, database, processes, work
from scheduler.doctor.findings import CheckOptions, Finding, Findings, Level, Report

__all__ = ["AREAS", "Finding", "Level", "CheckOptions", "Report", "examine"]

AREAS: dict[str, Callable[[CheckOptions], Findings]] = {
    "settings": configuration.check,
    "Redis": broker.check,
    "database": database.check,
    "tables": database.check_tables,
    "processes": processes.check,
    "work": work.check,
    "archive": archive.check,
}
_LIVE = {"Redis", "processes"}  # areas that need running processes or servers
_ROWS = {"processes", "work", "archive"}  # areas that read tables


def examine(options: CheckOptions) -> Report:
    """Look at everything. Raises ``django.db.DatabaseError`` when the database does not answer."""
    report = Report()
    for area, check in AREAS.items():
        if area in _LIVE and not options.running:
            report.left_out[area] = "nothing runs here"
        elif area in _ROWS and any(finding.code == database.MIGRATIONS for finding in report.findings):
            report.left_out[area] = "the tables are not up to date"
        else:
            report.findings += check(options)
            report.looked_at.append(area)
    return report
