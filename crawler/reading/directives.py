"""What a page says to robots: ``noindex`` and ``nofollow``, in markup or in the X-Robots-Tag header."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Directives with a value of their own: in the header, any other word before a colon names a crawler.
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


@dataclass(frozen=True, slots=True)
class Directives:
    """The two that a crawler obeys."""

    noindex: bool = False
    nofollow: bool = False


def read_directives(header: str, metas: Iterable[str], agent: str) -> Directives:
    """All directives for us together; the strictest wins.

    ``header`` holds the X-Robots-Tag lines, ``metas`` the contents of the meta elements for us, and
    ``agent`` our product token in lower case.
    """
    words = {word.strip().lower() for content in metas for word in content.split(",")}
    for line in header.splitlines():
        words.update(_header_words(line, agent))
    return Directives(
        noindex=not words.isdisjoint({"noindex", "none"}),
        nofollow=not words.isdisjoint({"nofollow", "none"}),
    )


def _header_words(line: str, agent: str) -> Iterable[str]:
    """The words for us. Words after the name of another crawler are for that one, to the end of the line."""
    to_us = True
    for part in line.lower().split(","):
        name, colon, directive = part.partition(":")
        if colon and name.strip() not in _VALUED:
            to_us = name.strip() == agent
            part = directive
        if to_us:
            yield part.strip()
