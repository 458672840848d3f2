"""Steps that cut a text into parts, and that keep one of them."""

from __future__ import annotations

import re

from crawler.reading.steps.apply import MAX_PARTS, Apply

_NUMBER = re.compile(r"-?[1-9][0-9]{0,4}")


def split(by: str, part: str = "") -> Apply:
    """Cut at each ``by``, ``by`` left out; with a number only that part, 1 the first, -1 the last."""
    if not by:
        raise ValueError("The step 'split' has nothing to cut at: its text is empty.")
    keep = _position("split", part) if part else None

    def apply(texts: list[str], base: str) -> list[str]:
        parts = [piece for text in texts for piece in text.split(by, MAX_PARTS)]
        return parts if keep is None else parts[keep]

    return apply


def first() -> Apply:
    """Only the first of the parts."""
    return lambda texts, base: texts[:1]


def last() -> Apply:
    """Only the last of the parts."""
    return lambda texts, base: texts[-1:]


def nth(part: str) -> Apply:
    """Only this part: 1 is the first, -1 the last. None if there are not so many."""
    keep = _position("nth", part)
    return lambda texts, base: texts[keep]


def _position(kind: str, part: str) -> slice:
    if not _NUMBER.fullmatch(part):
        raise ValueError(f"The step {kind!r} takes the number of a part, such as 1 or -1, not {part[:60]!r}.")
    number = int(part)
    return slice(number - 1, number) if number > 0 else slice(number, number + 1 or None)
