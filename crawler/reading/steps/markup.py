"""Steps for markup inside a text, as data in scripts and feeds has it."""

from __future__ import annotations

import turbohtml

from crawler.reading.html import read_html
from crawler.reading.steps.apply import Apply, each


def strip_tags() -> Apply:
    """The text that a browser would show of this HTML, white space folded."""
    return each(lambda text: read_html(text, "utf-8", "").text)


def unescape() -> Apply:
    """Character references made characters: ``&amp;`` is ``&``, ``&#8364;`` is ``€``."""
    return each(turbohtml.unescape)
