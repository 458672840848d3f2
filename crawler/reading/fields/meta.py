"""The kind ``meta``: what meta elements say, by their ``name``, ``property``, ``itemprop`` or ``http-equiv``.

Upper and lower case are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.reading.document import Document
from crawler.reading.fields.kind import Origin, Place, ReadsAll, bounded
from crawler.reading.text import fold

_NAMES = ("name", "property", "itemprop", "http-equiv")


def check(rule: str) -> None:
    """ValueError with a sentence for people if a name cannot be used."""
    if not rule.strip():
        raise ValueError("Write the name of a meta element, such as 'description'.")


def compile(rule: str) -> MetaReader:
    """The reader of the meta elements of a name; ValueError as in :func:`check`."""
    check(rule)
    return MetaReader(rule)


class MetaReader(ReadsAll):
    """Reads the contents of the meta elements that have one of some names."""

    def __init__(self, *names: str) -> None:
        self._names = [name.strip().lower() for name in names]

    def all(self, place: Place) -> list[str]:
        contents = _contents(place.document)
        return bounded(value for name in self._names for value in contents.get(name, ()))

    def origins(self, place: Place) -> Iterator[Origin]:
        for names, content, element in _elements(place.document):
            if not names.isdisjoint(self._names):
                yield Origin(fold(content), element, "content")


def _contents(document: Document) -> dict[str, list[str]]:
    """The contents of all meta elements by their names, in document order."""
    if "meta" not in document.derived:
        contents: dict[str, list[str]] = {}
        for names, content, _ in _elements(document):
            for name in names:
                contents.setdefault(name, []).append(fold(content))
        document.derived["meta"] = contents
    read: dict[str, list[str]] = document.derived["meta"]
    return read


def _elements(document: Document) -> Iterator[tuple[set[str], str, Any]]:
    """The meta elements that have a content, with their names."""
    for meta in document.tree.find_all("meta") if document.tree is not None else ():
        if (content := meta.attr("content")) is not None:
            yield {(meta.attr(attribute) or "").strip().lower() for attribute in _NAMES} - {""}, content, meta
