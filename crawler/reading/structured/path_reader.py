"""What the kinds ``jsonld`` and ``microdata`` share: a path into the things of a page.

``Product.offers.price`` looks at all things of that type, ``name`` at all things; in an item that is a thing,
a path begins at it. What a path leads to can be items. See :mod:`crawler.reading.structured.things`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crawler.reading.document import Document
from crawler.reading.fields.kind import Place, ReadsAll, bounded
from crawler.reading.structured.things import Path, Thing, all_things, shown


class PathReader(ReadsAll):
    """Reads what a path leads to among the things of a page."""

    def __init__(self, rule: str, things: Callable[[Document], list[Thing]]) -> None:
        self._path = Path(rule)
        self._things = things

    def all(self, place: Place) -> list[Any]:
        values = map(shown, self._values(place))
        return bounded(value for value in values if value is not None)

    def items(self, place: Place) -> list[Place]:
        parts = [value for value in self._values(place) if isinstance(value, dict)]
        return [Place(place.document, part) for part in bounded(parts)]

    def _values(self, place: Place) -> list[Any]:
        if isinstance(place.part, dict):
            return self._path.values(all_things([place.part]) if self._path.type else [place.part])
        return self._path.values(self._things(place.document))
