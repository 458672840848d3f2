"""The kind ``constant``: the rule itself is the value, on every page."""

from __future__ import annotations

from crawler.reading.fields.kind import Place, ReadsAll
from crawler.reading.text import fold


def check(rule: str) -> None:
    """ValueError with a sentence for people if nothing is written."""
    if not fold(rule):
        raise ValueError("Write the value that every record has.")


def compile(rule: str) -> _Reader:
    """The reader of a value that is always the same; ValueError as in :func:`check`."""
    check(rule)
    return _Reader(fold(rule))


class _Reader(ReadsAll):
    def __init__(self, value: str) -> None:
        self._value = value

    def all(self, place: Place) -> list[str]:
        return [self._value]
