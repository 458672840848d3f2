"""Crawler traps: the signs of endless URLs. All pure; the frontier and the store keep the counts.

A trap (a calendar, session ids, filters) makes more and more URLs from one pattern, with nothing new on them.
So URLs are grouped by their template, and texts compared by a signature that also shows whether two differ
only in numbers.
"""

from __future__ import annotations

import re
from collections import Counter

from crawler.rules.urls import host_of, registrable_domain

ALIKE = 20  # so many times more pages may differ in numbers only than in nothing
SAMPLE_EVERY = 16  # URLs in the queue of a template that was closed: one of so many is asked for news

_CHANGING = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]*+[0-9][0-9A-Za-z]*+")  # a word with a digit


def most_repeated(url: str) -> int:
    """How often the most common segment of a resolved URL's path is in it: a sign of links that repeat it."""
    segments = url.partition("?")[0].split("/")[3:]
    if len(set(segments)) == len(segments):  # nearly always
        return 1
    return max(Counter(segments).values())


def shape_of(url: str) -> str:
    """What a resolved URL without a template shares with most: its host, and how many words its path has."""
    slash = url.index("/", 8)
    return f"{url[:slash]}{'/*' * url.count('/', slash)}"


def over_hosts(template: str) -> str:
    """A template of all hosts of a domain: a trap may vary the host name."""
    slash = template.index("/", 8)
    return registrable_domain(host_of(template)) + template[slash:]


def template_of(url: str) -> str | None:
    """What a resolved URL shares with similar ones: words with digits become ``#``, a query its names.

    None for a URL without either: only its shape is similar to others.
    """
    address, mark, query = url.partition("?")
    slash = address.index("/", 8)
    path, changed = _CHANGING.subn("#", address[slash:])
    if not changed and not mark:
        return None
    names = sorted({part.partition("=")[0] for part in query.split("&") if part})
    return f"{address[:slash]}{path}?{'&'.join(names)}"
