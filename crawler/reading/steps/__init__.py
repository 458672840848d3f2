"""Clean-up steps: from the texts that a rule matched to the texts that are converted. None is known yet."""

from __future__ import annotations

from crawler.collections import Step
from crawler.reading.text import storable

STEPS: dict[str, str] = {}


def check(step: Step) -> None:
    """ValueError with a sentence for people if a step cannot be used."""
    raise ValueError(f"{step.kind[:60]!r} is not a step.")


def clean(texts: list[str], steps: tuple[Step, ...], *, base: str) -> list[str]:
    """The texts after all steps; ValueError with a sentence for people if a step cannot be used."""
    for step in steps:
        check(step)
    return [storable(text) for text in texts]


def trace(text: str, steps: tuple[Step, ...], *, base: str) -> list[tuple[Step, list[str]]]:
    """Each step with the texts after it, to be shown; ValueError as in :func:`clean`."""
    for step in steps:
        check(step)
    return []
