"""Seeds in trouble (:mod:`scheduler.watch.alerts`)."""

from __future__ import annotations

from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.watch.alerts import FAILING, MISSED


def missed(options: CheckOptions) -> Findings:
    """Seeds whose latest slot was missed."""
    yield from _finding(
        options,
        MISSED,
        "seeds missed their latest slot.",
        "Their next run makes it good. If it happens again, look at what was down then.",
    )


def failing(options: CheckOptions) -> Findings:
    """Seeds whose last runs got nothing."""
    yield from _finding(
        options,
        FAILING,
        "seeds got nothing in their last runs.",
        "Look at their runs: the reasons of their visits say what the sites answered.",
    )


def _finding(options: CheckOptions, what: str, sentence: str, advice: str) -> Findings:
    troubled = [alert for alert in options.alerts if alert.what == what]
    if troubled:
        names = [alert.seed.name for alert in troubled[:EXAMPLES]]
        yield Finding(
            f"seeds-{what}", f"{len(troubled)} {sentence}", advice, options.late_level, examples=names
        )
