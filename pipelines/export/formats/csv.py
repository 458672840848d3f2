"""CSV (RFC 4180) in which no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from pipelines.export.cells import flat, table_of
from pipelines.export.columns import Column
from pipelines.export.slices import Row

# What starts so and is none stays as it is: after a sign, spreadsheets take a text for a formula only if it
# parses as one. A number with its unit, a telephone number or a name after @ has no operator and no call.
_UNIT = r"[\w .,'’%‰°$€£¥\u00a0\u202f]|\(\d+\)|(?<=[^\W\d_])/(?=[^\W\d_])"
_QUANTITY = rf"[+-][ \u00a0]?[$€£¥]?\d(?:{_UNIT})*(?:(?<=\d)[eE][+-]?\d+)?"
# A cell that starts so may be a formula to a spreadsheet (OWASP, CSV Injection), in full-width forms too.
_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_HARMLESS = re.compile(rf"{_QUANTITY}|@[\w., ]*|[+-]+")


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> Writer:
    """Begin with the names of the columns. Fields are columns, ``field_<name>``."""
    return Writer(file, columns)


def read_cells(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The cells of each row by column."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield from csv.DictReader(text)
    finally:
        text.detach()  # the file stays open


class Writer:
    """A line for each row; null is an empty cell."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        self._file = file
        self._table = table_of(columns)
        self._file.write(_bytes([[column.name for column in columns]]))

    def write(self, part: list[Row]) -> None:
        self._file.write(_bytes(zip(*map(_cells, self._table(part)), strict=True)))

    def close(self) -> None:
        """Nothing stands after the last row."""


def _bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def _cells(values: list[Any]) -> list[Any]:
    """A column; most values of it are texts that no spreadsheet takes for a formula."""
    return [
        value if value is None or (value.__class__ is str and value[:1] not in _STARTS) else _cell(value)
        for value in values
    ]


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = flat(value)
    if isinstance(value, str) and value[:1] in _STARTS and not _HARMLESS.fullmatch(value):
        return f"'{value}"
    return value
