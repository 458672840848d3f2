"""XLSX: a workbook for Excel and its like (ECMA-376), with typed cells and the limits of a sheet.

A text is never a formula here. What does not fit a sheet goes on in a further one. Moments are in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from pipelines.export.cells import all_typed, typed_table
from pipelines.export.columns import Column, TooMuch, Type
from pipelines.export.slices import Row

# "Excel specifications and limits", Microsoft
MOST_ROWS = 1_048_576  # of a sheet, with its head
MOST_COLUMNS = 16_384
MOST_CHARACTERS = 32_767  # of a cell, in UTF-16
EXACT = 10**15  # Excel keeps 15 digits of a number
_CUT = " … (cut here: {:,} characters, and a cell holds 32,767)"
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a 29 February 1900
_FIRST_MOMENT = datetime(1900, 3, 1, tzinfo=UTC)
_DAY_0 = date(1899, 12, 30).toordinal()
_MIDNIGHT_0 = datetime(1899, 12, 30, tzinfo=UTC)
_ONE_DAY = timedelta(days=1)
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")
_IN_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)  # so equal rows make equal bytes
_WIDTHS = {Type.MOMENT: 19, Type.DATE: 11, Type.TEXT: 24, Type.NESTED: 24}
_WIDTH = 12  # of other columns, in characters


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> Writer:
    """Begin the workbook with a sheet that has the names of the columns."""
    return Writer(file, columns)


def read_cells(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The cells of each row by column. All of a sheet is in memory."""
    book = CalamineWorkbook.from_filelike(file)
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        yield from (dict(zip(map(str, head), cells, strict=True)) for cells in rows)


class _Sheet(Worksheet):  # type: ignore[misc]  # the library has no annotations
    """A sheet whose rows are written as text at once: the library's own way takes five times as long."""

    def append(self, row: str, number: int, columns: int) -> None:
        """Add the element of a row."""
        self._check_dimensions(number - 1, columns - 1)
        self.fh.write(row)


class Writer:
    """A row of a sheet for each row."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        self._columns, self._table = all_typed(columns), typed_table(columns)
        if len(self._columns) > MOST_COLUMNS:
            raise TooMuch(
                f"A sheet holds {MOST_COLUMNS:,} columns, and there are {len(self._columns):,}. Use Parquet."
            )
        self._letters = [xl_col_to_name(at) for at in range(len(self._columns))]
        self._book = Workbook(file, {"constant_memory": True, "tmpdir": str(Path(file.name).parent)})
        self._book.set_properties(
            {"created": datetime(2000, 1, 1, tzinfo=UTC)}
        )  # equal rows make equal bytes
        form = {Type.MOMENT: "yyyy-mm-dd hh:mm:ss", Type.DATE: "yyyy-mm-dd"}
        self._forms = {each: self._book.add_format({"num_format": text}) for each, text in form.items()}
        self._bold = self._book.add_format({"bold": True})
        self._begin_sheet()

    def write(self, part: list[Row]) -> None:
        columns = [self._ends(values) for values in self._table(part)]
        for ends in zip(*columns, strict=True):
            if self._number == MOST_ROWS:
                self._begin_sheet()
            self._append(ends)

    def close(self) -> None:
        """Put the workbook together."""
        self._book.close()

    def _begin_sheet(self) -> None:
        self._number = 0
        self._sheet = self._book.add_worksheet(worksheet_class=_Sheet)
        self._sheet.freeze_panes(1, 0)
        for at, column in enumerate(self._columns):
            self._sheet.set_column(at, at, _WIDTHS.get(column.type, _WIDTH))
        bold = self._bold._get_xf_index()
        self._style = {each: form._get_xf_index() for each, form in self._forms.items()}
        names = [each.name for each in self._columns]
        self._append([_text(name, bold) for name in names])

    def _append(self, ends: Sequence[str]) -> None:
        """Add a row of cells, each from the number of its row on; an empty text is an empty cell."""
        self._number += 1
        number = self._number
        cells = "".join(
            [f'<c r="{letter}{number}{end}' for letter, end in zip(self._letters, ends, strict=True) if end]
        )
        self._sheet.append(f'<row r="{number}">{cells}</row>', number, len(self._columns))

    def _ends(self, values: list[Any]) -> list[str]:
        """The cells of a column, each from the number of its row on."""
        return [
            ""
            if value is None or value == ""
            else _text(value)
            if value.__class__ is str
            else self._end(value)
            for value in values
        ]

    def _end(self, value: Any) -> str:
        """Of a cell that is not a text in itself."""
        if isinstance(value, bool):
            return f'" t="b"><v>{value:d}</v></c>'
        if isinstance(value, datetime):
            exact = (value - _MIDNIGHT_0) / _ONE_DAY
            return self._time(Type.MOMENT, exact) if value >= _FIRST_MOMENT else _text(value.isoformat())
        if isinstance(value, date):
            days = value.toordinal() - _DAY_0
            return self._time(Type.DATE, days) if value >= _FIRST_DAY else _text(value.isoformat())
        if isinstance(value, int) and abs(value) >= EXACT:
            return _text(str(value))
        return f'"><v>{value!r}</v></c>'

    def _time(self, type: Type, days: float) -> str:
        return f'" s="{self._style[type]}"><v>{days!r}</v></c>'


def _text(value: str, style: int = 0) -> str:
    """A cell with a text, from the number of its row on; the end of a text that is too long says so."""
    if len(value) > MOST_CHARACTERS // 2 and len(value.encode("utf-16-le")) > 2 * MOST_CHARACTERS:
        end = _CUT.format(len(value))
        short = value.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - len(end))]
        value = short.decode("utf-16-le", errors="ignore") + end
    if _SPECIAL.search(value):
        value = _SPECIAL.sub(_escaped, value)
    styled = f' s="{style}"' if style else ""
    return f'"{styled} t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def _escaped(match: re.Match[str]) -> str:
    """``_xHHHH_`` for what XML cannot hold, and for a text that looks so (ECMA-376-1, 22.4.2.4)."""
    text = match[0]
    return _IN_XML.get(text) or ("_x005F_x" if text == "_x" else f"_x{ord(text):04X}_")
