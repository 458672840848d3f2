"""The kind ``header``: a header of the response, by its name in any case, such as ``last-modified``."""

from __future__ import annotations

import re

from crawler.reading.fields.kind import Place, ReadsAll
from crawler.reading.text import fold

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


def check(rule: str) -> None:
    """ValueError with a sentence for people if it cannot be the name of a header."""
    if not _TOKEN.fullmatch(rule.strip()):
        raise ValueError(f"{rule!r} is not the name of a header. Write it like 'last-modified'.")


def compile(rule: str) -> _Reader:
    """The reader of a header; ValueError as in :func:`check`."""
    check(rule)
    return _Reader(rule.strip().lower())


class _Reader(ReadsAll):
    def __init__(self, name: str) -> None:
        self._name = name

    def all(self, place: Place) -> list[str]:
        return [fold(value) for name, value in place.document.headers if name == self._name]
