"""Steps that change the letters of a text: spaces, case, what stands before, after and instead."""

from __future__ import annotations

from crawler.reading.steps.apply import MAX_TEXT, Apply, each, too_long


def trim(characters: str = "") -> Apply:
    """Without white space, or these characters, at both ends."""
    return each(lambda text: text.strip(characters or None))


def collapse() -> Apply:
    """White space, new lines too, made single spaces; none at the ends."""
    return each(lambda text: " ".join(text.split()))


def lower() -> Apply:
    """In lower case."""
    return each(str.lower)


def upper() -> Apply:
    """In upper case."""
    return each(str.upper)


def prefix(before: str) -> Apply:
    """With a text before."""
    return each(lambda text: before + text)


def suffix(after: str) -> Apply:
    """With a text after."""
    return each(lambda text: text + after)


def replace(old: str, new: str) -> Apply:
    """Each ``old`` made ``new``; upper and lower case differ."""
    if not old:
        raise ValueError("The step 'replace' has nothing to look for: its first text is empty.")

    def change(text: str) -> str:
        growth = len(new) - len(old)
        if growth > 0 and len(text) + growth * text.count(old) > MAX_TEXT:
            raise too_long()
        return text.replace(old, new)

    return each(change)
