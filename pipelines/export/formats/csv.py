"""CSV (RFC 4180) in which no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from pipelines.export.rows import Rows

# A cell that starts so may be a formula to a spreadsheet (OWASP, CSV Injection), in full-width forms too.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
# What starts so and is none stays as it is: after a sign, spreadsheets take a text for a formula only if it
# parses as one. A number with its unit, a telephone number or a name after @ has no operator and no call.
_UNIT = r"[\w .,'’%‰°$€£¥\u00a0\u202f]|\(\d+\)|(?<=[^\W\d_])/(?=[^\W\d_])"
_QUANTITY = rf"[+-][ \u00a0]?[$€£¥]?\d(?:{_UNIT})*(?:(?<=\d)[eE][+-]?\d+)?"
_HARMLESS = re.compile(rf"{_QUANTITY}|@[\w., ]*|[+-]+")


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
    if isinstance(value, str) and _FORMULA.match(value) and not _HARMLESS.fullmatch(value):
        return f"'{value}"
    return value
