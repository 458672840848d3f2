"""CSV (RFC 4180) in which no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from pipelines.export.rows import Rows

# A cell that starts so is a formula to a spreadsheet, in full-width forms too; numbers are left as they are.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Rows) -> Iterator[str]:
    """A header, then a line for each row. Fields are columns, ``field_<name>``; null is an empty cell."""
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
