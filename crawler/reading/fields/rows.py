"""The kind ``rows``, for items: the rows of all tables that have these headings, ``Name, Price``.

Of data, as of a CSV file, it is the objects that have these names.
"""

from __future__ import annotations

from typing import Any

from turbohtml import Element

from crawler.reading.fields.kind import Place, ReadsAll, bounded
from crawler.reading.structured.grid import grids
from crawler.reading.text import fold


def check(rule: str) -> None:
    """ValueError with a sentence for people if nothing is written."""
    compile(rule)


def compile(rule: str) -> _Reader:
    """The reader of rows; ValueError as in :func:`check`."""
    headings = [heading for written in rule.split(",") if (heading := fold(written))]
    if not headings:
        raise ValueError("Write headings of the table with commas between them, such as 'Name, Price'.")
    return _Reader(headings)


class _Reader(ReadsAll):
    """Reads the whole text of rows, which can be items too."""

    def __init__(self, headings: list[str]) -> None:
        self._headings = headings
        self._names = {heading.casefold() for heading in headings}

    def all(self, place: Place) -> list[Any]:
        return [
            fold(item.part.text) if isinstance(item.part, Element) else item.part
            for item in self.items(place)
        ]

    def items(self, place: Place) -> list[Place]:
        rows: list[Any] = [row for grid in grids(place.document) for row in grid.below(self._headings)]
        return [Place(place.document, row) for row in bounded([*rows, *self._objects(place.document.data)])]

    def _objects(self, data: Any) -> list[dict[str, Any]]:
        """The objects in lists of data: a list, or an object of lists, as the sheets of a file are."""
        lists = data.values() if isinstance(data, dict) else [data]
        objects = (part for each in lists if isinstance(each, list) for part in each)
        return [
            part
            for part in objects
            if isinstance(part, dict) and self._names <= {fold(name).casefold() for name in part}
        ]
