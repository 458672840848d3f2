"""CSV (RFC 4180) in which no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pipelines.export.rows import Row, Rows

# A cell that starts so is a formula to a spreadsheet, in full-width forms too; numbers are left as they are.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")


def head(rows: Rows) -> str:
    """The names of the columns. Fields are columns, ``field_<name>``."""
    return _text([[*_columns(rows), *(f"field_{name}" for name in rows.field_names)]])


def lines(rows: Rows, part: list[Row]) -> str:
    """A line for each row; null is an empty cell."""
    columns, names = _columns(rows), rows.field_names
    return _text([*map(row.get, columns), *map(row["fields"].get, names)] for row in part)


def _columns(rows: Rows) -> list[str]:
    return [column for column in rows.columns if column != "fields"]


def _text(table: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_cell(value) for value in cells] for cells in table)
    return file.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
