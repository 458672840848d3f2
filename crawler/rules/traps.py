"""Crawler traps: the signs of endless URLs. All pure; the frontier and the store keep the counts.

A trap (a calendar, session ids, filters) makes more and more URLs from one pattern, with nothing new on them.
So URLs are grouped by their template, and texts compared by a signature that also shows whether two differ
only in numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from crawler.rules.urls import host_of, registrable_domain

ALIKE = 20  # so many times more pages may differ in numbers only than in nothing
SHAPE = 5  # so many times more pages may say nothing new of one shape than of one template
SAMPLE_EVERY = 16  # URLs in the queue of a template that was closed: one of so many is asked for news

_CHANGING = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]*+[0-9][0-9A-Za-z]*+")  # a word with a digit


class Template(NamedTuple):
    """What URLs share that may be one trap, and how many times the usual limit their texts may repeat."""

    text: str
    patience: int


def is_exhausted(same: int, alike: int, limit: int) -> bool:
    """Whether so many pages in a row, with the same text or with texts that are alike, are enough."""
    return same >= limit or alike >= limit * ALIKE


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


def templates_of(url: str) -> Iterator[Template]:
    """The templates by which a resolved URL counts.

    A URL of words alone counts by its shape. Any other counts by its shape too, apart from the former: where
    a trap makes up the words of the path, hardly two of its URLs have the same template.
    """
    template, shape = template_of(url), shape_of(url.partition("?")[0])
    if template is None:
        yield Template(shape, 1)
    else:
        yield Template(template, 1)
        yield Template(f"{shape}?", SHAPE)  # no template: that has names, or a #


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
