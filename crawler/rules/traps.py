"""Crawler traps: what gives away URLs without end. All pure; the frontier and the store keep the counts.

A trap of calendars, session ids or filters makes ever new URLs from one pattern and says nothing new on
them. So URLs are told apart by their template, and texts by a signature that also tells whether two differ
in nothing but numbers.
"""

from __future__ import annotations

import re
from collections import Counter

_CHANGING = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]*+[0-9][0-9A-Za-z]*+")  # a word with a digit


def most_repeated(url: str) -> int:
    """How often the commonest segment of a resolved URL's path is in it: links that feed on themselves."""
    segments = url.partition("?")[0].split("/")[3:]
    if len(set(segments)) == len(segments):  # nearly always
        return 1
    return max(Counter(segments).values())


def template_of(url: str) -> str | None:
    """What a resolved URL has in common with its likes: words with digits are ``#``, of a query the names.

    None for a URL without either, which can have no likes.
    """
    address, mark, query = url.partition("?")
    slash = address.index("/", 8)
    path, changed = _CHANGING.subn("#", address[slash:])
    if not changed and not mark:
        return None
    names = sorted({part.partition("=")[0] for part in query.split("&") if part})
    return f"{address[:slash]}{path}?{'&'.join(names)}"
