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


def fell(options: CheckOptions) -> Findings:
    """Seeds that read much less of a collection or a field than usual: that waits for a person."""
    falls = [alert.fall for alert in options.alerts if alert.fall]
    if falls:
        yield Finding(
            "seeds-fell",
            f"{len(falls)} seeds read much less than usual.",
            "Their pages say what fell, and propose other rules. Until then the last good values are held.",
            examples=[f"{fall.seed.name}: {fall.sentence}" for fall in falls[:EXAMPLES]],
        )


def _finding(options: CheckOptions, what: str, sentence: str, advice: str) -> Findings:
    troubled = [alert for alert in options.alerts if alert.what == what]
    if troubled:
        names = [alert.seed.name for alert in troubled[:EXAMPLES]]
        yield Finding(
            f"seeds-{what}", f"{len(troubled)} {sentence}", advice, options.late_level, examples=names
        )
