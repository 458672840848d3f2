"""Rows as objects: the first row that is not empty names the columns."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

from crawler.reading.sources.source import Unreadable


def objects_of(rows: Iterable[Sequence[Any]], most_cells: int) -> list[dict[str, Any]]:
    """An object for each row below the headings, with null for an empty cell. Empty rows are left out.

    A column without a heading is ``column_3``, the second of one name is ``name_2``.

    Raises:
        Unreadable: there are more cells.
    """
    names: list[str] = []
    objects: list[dict[str, Any]] = []
    cells = 0
    for row in rows:
        if not any(row) and all(cell is None or cell == "" for cell in row):
            continue
        names = _named(names, row) if names else _named([], row, headings=True)
        cells += len(names)
        if cells > most_cells:
            raise Unreadable(f"The table has more than {most_cells:,} cells. Ask for a part of it.")
        objects.append(_object(names, row))
    return objects[1:]


def _named(names: list[str], row: Sequence[Any], *, headings: bool = False) -> list[str]:
    """The names, with further ones if the row has more cells."""
    if len(row) <= len(names):
        return names
    taken = dict.fromkeys(names)
    numbers: dict[str, int] = {}  # the last one of each name, so that many of one name cost no search
    for position in range(len(names), len(row)):
        cell = row[position] if headings else None
        written = " ".join(str(cell).split()) if cell is not None else ""
        taken[_free_name(written or f"column_{position + 1}", taken, numbers)] = None
    return list(taken)


def _free_name(name: str, taken: Container[str], numbers: dict[str, int]) -> str:
    free = name
    while free in taken:
        numbers[name] = numbers.get(name, 1) + 1
        free = f"{name}_{numbers[name]}"
    return free


def _object(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    cells = [None if cell == "" else cell for cell in row]
    return dict(zip(names, [*cells, *[None] * (len(names) - len(cells))], strict=True))
