"""Rows as text, in the formats of :mod:`catalog.formats`: one module each, with the function ``lines``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TextIO

from pipelines.export.formats import csv, jsonl
from pipelines.export.rows import Rows

BLOCK = 65_536  # characters

WRITERS: dict[str, Callable[[Rows], Iterator[str]]] = {
    "jsonl": jsonl.lines,
    "csv": csv.lines,
}
"""The writer of a format by its name. It yields a header, which may be empty, and a string for each row."""


def blocks(rows: Rows, form: str) -> Iterator[str]:
    """The text in larger pieces, for a response that is streamed. ``form`` is the name of a format."""
    block: list[str] = []
    size = 0
    for line in WRITERS[form](rows):
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            yield "".join(block)
            block, size = [], 0
    yield "".join(block)


def write_rows(file: TextIO, form: str, rows: Rows) -> int:
    """Write everything to a text file (UTF-8, newline=""); returns the number of rows."""
    count = -1  # the header
    for line in WRITERS[form](rows):
        file.write(line)
        count += 1
    return count
