"""The kind ``column``: the cell of a table in the column with this heading, such as ``Price``.

In an item that is a row of a table (``{"css": "table.prices tr"}`` or ``{"rows": "Name, Price"}``) it is the
cell of that row, and the row of the headings has none. Elsewhere it is the cells of the first table with that
heading. In an item that is an object of data, as of a CSV file, it is the value of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from turbohtml import Element

from crawler.reading.fields.kind import MAX_MATCHES, Origin, Place, ReadsAll
from crawler.reading.structured.grid import Grid, grid_of, grids
from crawler.reading.text import fold


def check(rule: str) -> None:
    """ValueError with a sentence for people if nothing is written."""
    if not fold(rule):
        raise ValueError("Write the heading of a column, such as 'Price'.")


def compile(rule: str) -> _Reader:
    """The reader of a column; ValueError as in :func:`check`."""
    check(rule)
    return _Reader(fold(rule))


class _Reader(ReadsAll):
    def __init__(self, heading: str) -> None:
        self._heading = heading

    def all(self, place: Place) -> list[Any]:
        if isinstance(place.part, dict):
            return self._of_object(place.part)
        return [fold(cell.text) for cell in self._cells(place)][:MAX_MATCHES]

    def origins(self, place: Place) -> Iterator[Origin]:
        for cell in self._cells(place) if not isinstance(place.part, dict) else ():
            yield Origin(fold(cell.text), cell)

    def _cells(self, place: Place) -> list[Element]:
        """The cell of a row, or those of the first table that has the heading."""
        if isinstance(place.part, Element):
            grid = grid_of(place.document, place.part)
            return self._of_row(grid, place.part) if grid is not None else []
        for grid in grids(place.document):
            if grid.column(self._heading) is not None:
                return [cell for row in grid.below([self._heading]) for cell in self._of_row(grid, row)]
        return []

    def is_heading(self, place: Place) -> bool:
        """Whether an item is the row of the headings or one above it, and so no item."""
        if not isinstance(place.part, Element) or (grid := grid_of(place.document, place.part)) is None:
            return False
        heading, number = grid.column(self._heading), grid.at.get(place.part)
        return heading is not None and number is not None and number <= heading[0]

    def _of_object(self, part: dict[str, Any]) -> list[Any]:
        wanted = self._heading.casefold()
        values = [value for name, value in part.items() if fold(name).casefold() == wanted]
        return [fold(value) if isinstance(value, str) else value for value in values if value is not None]

    def _of_row(self, grid: Grid, row: Element) -> list[Element]:
        """The column's cell in a row; none in the row of the headings and above."""
        place = grid.column(self._heading)
        number = grid.at.get(row)
        if place is None or number is None or number <= place[0]:
            return []
        cells = grid.cells[number]
        cell = cells[place[1]] if place[1] < len(cells) else None
        return [cell] if cell is not None else []
