"""The doctor: looks at settings, servers, rows and archive, and says what is wrong and what to do.

It runs every check of :mod:`scheduler.checks`, and its own, which take longer or look at what seldom changes.
"""

from __future__ import annotations

from scheduler.checks import CHECKS
from scheduler.checks.findings import Check, CheckOptions, Finding, Level, Report
from scheduler.doctor import archive, broker, configuration, database, packages, work

__all__ = ["AREAS", "Finding", "Level", "CheckOptions", "Report", "examine"]

AREAS: dict[str, tuple[Check, ...]] = {
    "settings": (configuration.check, packages.check),
    "Redis": (*CHECKS["Redis"], broker.check),
    "database": (database.check,),
    "tables": (database.check_tables,),
    "processes": CHECKS["processes"],
    "work": (*CHECKS["work"], work.check),
    "promises": CHECKS["promises"],
    "channels": CHECKS["channels"],
    "archive": (*CHECKS["archive"], archive.check),
}
_LIVE = {"Redis", "processes"}  # areas that need running processes or servers
_ROWS = {"processes", "work", "promises", "channels", "archive"}  # areas that read tables


def examine(options: CheckOptions) -> Report:
    """Look at everything. Raises ``django.db.DatabaseError`` when the database does not answer."""
    report = Report()
    for area, checks in AREAS.items():
        if area in _LIVE and not options.running:
            report.left_out[area] = "nothing runs here"
        elif area in _ROWS and any(finding.code == database.MIGRATIONS for finding in report.findings):
            report.left_out[area] = "the tables are not up to date"
        else:
            report.findings += [finding for check in checks for finding in check(options)]
            report.looked_at.append(area)
    return report
