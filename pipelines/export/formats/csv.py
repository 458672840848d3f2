"""CSV (RFC 4180) in which no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from pipelines.export.rows import Rows
from pipelines.export.slices import Row

# A cell that starts so may be a formula to a spreadsheet (OWASP, CSV Injection), in full-width forms too.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
# What starts so and is none stays as it is: after a sign, spreadsheets take a text for a formula only if it
# parses as one. A number with its unit, a telephone number or a name after @ has no operator and no call.
_UNIT = r"[\w .,'’%‰°$€£¥\u00a0\u202f]|\(\d+\)|(?<=[^\W\d_])/(?=[^\W\d_])"
_QUANTITY = rf"[+-][ \u00a0]?[$€£¥]?\d(?:{_UNIT})*(?:(?<=\d)[eE][+-]?\d+)?"
_HARMLESS = re.compile(rf"{_QUANTITY}|@[\w., ]*|[+-]+")


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
    if isinstance(value, dict | list):
        value = _flat(value)
    if isinstance(value, str) and _FORMULA.match(value) and not _HARMLESS.fullmatch(value):
        return f"'{value}"
    return value


def _flat(value: Any) -> str:
    """A value of several parts as one text: a list with semicolons, money as ``12.5 EUR``, else JSON."""
    if isinstance(value, list):
        return "; ".join(map(_flat, value))
    if isinstance(value, dict):
        if value.keys() == {"amount", "currency"}:
            return f"{value['amount']} {value['currency']}".strip()
        return msgspec.json.encode(value).decode()
    return "" if value is None else str(value)
