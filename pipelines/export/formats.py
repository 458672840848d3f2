"""Rows as text: JSON Lines, or CSV (RFC 4180) that no spreadsheet runs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, TextIO

import msgspec

from pipelines.export.rows import Row, Rows

BLOCK = 65_536  # characters
# What a spreadsheet takes for the beginning of a formula, full-width forms too; numbers are left alone.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")


def lines(rows: Rows, form: str) -> Iterator[str]:
    """One string a row, with its line end; CSV begins with a header. ``form`` is ``jsonl`` or ``csv``."""
    return _csv(rows) if form == "csv" else map(_json, rows)


def blocks(rows: Rows, form: str) -> Iterator[str]:
    """The same text in larger pieces, for a response that is streamed."""
    kept: list[str] = []
    size = 0
    for line in lines(rows, form):
        kept.append(line)
        size += len(line)
        if size >= BLOCK:
            yield "".join(kept)
            kept, size = [], 0
    yield "".join(kept)


def write_rows(file: TextIO, form: str, rows: Rows) -> int:
    """Write everything to a text file (UTF-8, newline=""); returns the number of rows."""
    count = 0
    for line in lines(rows, form):
        file.write(line)
        count += 1
    return count - 1 if form == "csv" else count


def _json(row: Row) -> str:
    return msgspec.json.encode(row).decode() + "\n"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _csv(rows: Rows) -> Iterator[str]:
    """Fields are columns of their own, ``field_<name>``; null is an empty cell."""
    names = rows.field_names()
    columns = [column for column in rows.columns if column != "fields"]
    writer = csv.writer(_Echo())
    header = [*columns, *(f"field_{name}" for name in names)]
    cells = ([*map(row.get, columns), *map(row["fields"].get, names)] for row in rows)
    for line in chain([header], cells):
        yield writer.writerow([_cell(value) for value in line])  # what _Echo returns


def _cell(value: Any) -> Any:
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
