"""What a step does to texts, and how much text there may be."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

Apply = Callable[[list[str], str], list[str]]
"""A step with its arguments: from texts, and the page's URL, to texts; ValueError with a sentence."""

MAX_TEXT = 1_000_000  # characters of all texts of a chain together
MAX_PARTS = 10_000  # texts that one text may be split into


def each(change: Callable[[str], str]) -> Apply:
    """The step that changes every text by itself."""

    def apply(texts: list[str], base: str) -> list[str]:
        return bounded([change(text) for text in texts])

    return apply


def bounded(texts: list[str]) -> list[str]:
    """The texts; ValueError with a sentence for people if they are too many or too long together."""
    if len(texts) > MAX_PARTS:
        raise ValueError(f"The text has more than {MAX_PARTS:,} parts.")
    for length in accumulate(map(len, texts)):
        if length > MAX_TEXT:
            raise too_long()
    return texts


def too_long() -> ValueError:
    """For a text that is, or would become, too long."""
    return ValueError(f"The text is longer than {MAX_TEXT:,} characters.")
