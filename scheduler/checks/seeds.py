"""Seeds in trouble (:mod:`scheduler.watch.troubles`), with a setback, and those that are muted."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Seed
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings, Level
from scheduler.watch.troubles import FAILING, MISSED

SETBACK, MUTED = "seeds-setback", "seeds-muted"  # notes


def missed(options: CheckOptions) -> Findings:
    """Seeds that did not run when they were due."""
    yield from _finding(
        options,
        MISSED,
        ("seed missed its latest slot.", "seeds missed their latest slot."),
        "Their next run makes it good. If it happens again, look at what was down then.",
    )


def failing(options: CheckOptions) -> Findings:
    """Seeds whose last runs got nothing."""
    yield from _finding(
        options,
        FAILING,
        ("seed got nothing in its last runs.", "seeds got nothing in their last runs."),
        "Look at their runs: the reasons of their visits say what the sites answered.",
    )


def fell(options: CheckOptions) -> Findings:
    """Seeds that read much less of a collection or a field than usual: that waits for a person."""
    falls = [trouble.fall for trouble in options.troubles if trouble.fall]
    if falls:
        yield Finding(
            "seeds-fell",
            _counted(len(falls), "seed reads much less than usual.", "seeds read much less than usual."),
            "Their pages say what fell, and propose other rules. Until then the last good values are held.",
            examples=[f"{fall.seed.name}: {fall.sentence}" for fall in falls[:EXAMPLES]],
            seeds=_ids(fall.seed for fall in falls),
        )


def setback(options: CheckOptions) -> Findings:
    """Seeds whose last run failed where it matters; the next may mend it, so no monitor is called."""
    if options.setbacks:
        yield Finding(
            SETBACK,
            _counted(
                len(options.setbacks),
                "seed is worth a look: its last run failed.",
                "seeds are worth a look: their last runs failed.",
            ),
            "The dashboard says why. What fails again, or only a person can mend, becomes a problem.",
            Level.NOTE,
            [run.seed.name for run in options.setbacks[:EXAMPLES]],
            _ids(run.seed for run in options.setbacks),
        )


def muted(options: CheckOptions) -> Findings:
    """Seeds of which somebody wants to hear nothing for some days."""
    seeds = list(Seed.objects.alive().filter(pk__in=options.muted).order_by("name")) if options.muted else []
    if seeds:
        yield Finding(
            MUTED,
            _counted(len(seeds), "seed is muted.", "seeds are muted."),
            "The dashboard says until when, and can end it.",
            Level.NOTE,
            [seed.name for seed in seeds[:EXAMPLES]],
            _ids(seeds),
        )


def _finding(options: CheckOptions, what: str, sentences: tuple[str, str], advice: str) -> Findings:
    seeds = [trouble.seed for trouble in options.troubles if trouble.what == what]
    if seeds:
        names = [seed.name for seed in seeds[:EXAMPLES]]
        told = _counted(len(seeds), *sentences)
        yield Finding(f"seeds-{what}", told, advice, options.late_level, names, _ids(seeds))


def _counted(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"


def _ids(seeds: Iterable[Seed]) -> list[int]:
    return [seed.pk for seed in seeds]
