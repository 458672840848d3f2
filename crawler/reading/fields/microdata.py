"""The kind ``microdata``: a path into a page's microdata (:mod:`crawler.reading.structured.path_reader`)."""

from __future__ import annotations

from crawler.reading.structured.path_reader import PathReader
from crawler.reading.structured.things import microdata


def check(rule: str) -> None:
    """ValueError with a sentence for people if a path cannot be used."""
    compile(rule)


def compile(rule: str) -> PathReader:
    """The reader of a path; ValueError as in :func:`check`."""
    return PathReader(rule, microdata)
