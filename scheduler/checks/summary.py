"""How an installation is, in one sentence: the same for ``/health/``, ``status``, doctor and dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scheduler.checks.findings import Finding, Level
from scheduler.checks.seeds import MUTED

WELL = "All is well."


def in_short(findings: Sequence[Finding]) -> str:
    """``1 problem, and 2 seeds need you.``; all is well only if nobody needs to look at anything."""
    problems = [finding for finding in findings if finding.level == Level.PROBLEM]
    need = _seeds(problems)
    look = _seeds(finding for finding in findings if finding.code != MUTED) - need
    muted = _seeds(finding for finding in findings if finding.code == MUTED)
    others = sum(not finding.seeds for finding in problems)
    parts = [
        _part(others, "problem", "problems"),
        _part(len(need), "seed needs you", "seeds need you"),
        _part(len(look), "seed is worth a look", "seeds are worth a look"),
    ]
    told = ", ".join(filter(None, parts)) or WELL.rstrip(".")
    return f"{told}; {_part(len(muted), 'seed is muted', 'seeds are muted')}." if muted else f"{told}."


def _part(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}" if number else ""


def _seeds(findings: Iterable[Finding]) -> set[int]:
    return {pk for finding in findings for pk in finding.seeds}
