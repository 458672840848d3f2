"""Rows as text, in the formats of :mod:`catalog.formats`: one module each, a :class:`Writer`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TextIO

from pipelines.export.formats import csv, jsonl
from pipelines.export.rows import Rows
from pipelines.export.slices import Place, Row


class Writer(Protocol):
    """What the module of a format has."""

    def head(self, rows: Rows) -> str:
        """What stands before the first row; may be empty."""

    def lines(self, rows: Rows, part: list[Row]) -> str:
        """A slice of the rows, a line each."""


WRITERS: dict[str, Writer] = {"jsonl": jsonl, "csv": csv}
"""The writer of a format by its name."""


def blocks(rows: Rows, form: str) -> Iterator[str]:
    """The text in larger pieces, for a response that is streamed. ``form`` is the name of a format."""
    writer = WRITERS[form]
    yield writer.head(rows)
    for part, _ in rows.slices(Place()):
        yield writer.lines(rows, part)


def write_rows(file: TextIO, form: str, rows: Rows) -> int:
    """Write everything to a text file (UTF-8, newline=""); returns the number of rows."""
    writer, count = WRITERS[form], 0
    file.write(writer.head(rows))
    for part, _ in rows.slices(Place()):
        file.write(writer.lines(rows, part))
        count += len(part)
    return count
