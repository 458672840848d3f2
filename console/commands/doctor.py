"""``crawlbeat doctor``: what is wrong with an installation, and what to do about it."""

from __future__ import annotations

import argparse
import json
import sys

from django.conf import settings
from django.db import DatabaseError

from catalog.clock import db_now
from console.checks import child_findings, needed, no_database
from console.trouble import database_trouble
from djsite.desk.doctor import Level, Report, examine
from djsite.desk.health import in_short
from embedded.datadir import DataFolder

HEALTHY, PROBLEMS, UNKNOWN = 0, 1, 3


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Check everything and print it; 0 when all is well, 1 with problems, 3 when nothing can be seen."""
    keeper = folder.keeper() if folder.path.is_dir() else None
    if (reason := no_database()) is not None:
        return _cannot_look(options, reason)
    running = keeper is not None or bool(settings.REDIS_SERVER_URL)
    try:
        report = examine(db_now(), running=running, whole=options.all)
    except DatabaseError as error:
        return _cannot_look(options, database_trouble(error))
    report.findings[:0] = child_findings(keeper or {})
    report.findings = needed(report.findings, keeper)
    print(json.dumps(report.plain(), indent=2) if options.json else "\n".join(lines(report)))
    return PROBLEMS if report.problems else HEALTHY


def lines(report: Report) -> list[str]:
    """The report for people, the worst first."""
    text = []
    for finding in sorted(report.findings, key=lambda finding: finding.level != Level.PROBLEM):
        text += [f"{finding.level.upper()} {finding.code}: {finding.told}", f"  {finding.advice}"]
        text += [f"  - {example}" for example in finding.examples]
    text.append(f"Looked at: {', '.join(report.looked_at)}.")
    text += [f"Not looked at: {area}, because {why}." for area, why in report.left_out.items()]
    return [*text, in_short(report.findings)]


def _cannot_look(options: argparse.Namespace, reason: str) -> int:
    if options.json:
        print(json.dumps({"healthy": None, "reason": reason}, indent=2))
    print(f"crawlbeat doctor: {reason}", file=sys.stderr)
    return UNKNOWN
