"""Steps that give other texts: by a table of words, or where there is none."""

from __future__ import annotations

from crawler.reading.steps.apply import Apply, each


def choose(*pairs: str) -> Apply:
    """Texts that are in the table made what stands there; others stay. Outer white space does not count."""
    if not pairs or len(pairs) % 2:
        raise ValueError("The step 'map' takes pairs: a text, and what to make of it.")
    table = dict(zip(pairs[::2], pairs[1::2], strict=True))
    return each(lambda text: table.get(text.strip(), text))


def default(text: str) -> Apply:
    """This text where there is none, or only white space."""
    return lambda texts, base: [each for each in texts if each.strip()] or [text]
