"""What a spreadsheet unpacks to, looked at before it is read: its reader makes room for whole rectangles."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from crawler.file_kinds import XLSX
from crawler.reading.sources.source import Unreadable

MAX_CELLS = 200_000  # of one sheet, the empty ones between others too
MAX_UNPACKED = 100_000_000  # bytes
MAX_ENTRIES = 2000
PIECE_BYTES = 1 << 16

_DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError)
_XLSX_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])(?:[^<>]*?\sr=[\"']([A-Za-z]{1,4})(\d{1,9})[\"'])?")
_ODS_TAG = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell|table)(?=[\s/>])([^<>]*)")
_ODS_REPEATED = re.compile(rb"table:number-(?:rows|columns)-repeated=[\"'](\d{1,9})[\"']")


def check_packed(body: bytes, kind: str) -> None:
    """Raise Unreadable for an archive that is damaged, or unpacks to too much.

    Every entry is unpacked once, piece by piece: what it says of its size may be a lie.
    """
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            _check_sizes(archive.infolist())
            for entry in archive.infolist():
                content = b"".join(_pieces(archive, entry))
                _check_cells(entry.filename, content, kind)
    except _DAMAGED as error:
        raise Unreadable(f"This spreadsheet is damaged: {str(error)[:150]}.") from error


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Unreadable(f"This spreadsheet unpacks to more than {MAX_UNPACKED // 1_000_000} MB.")


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's content. Its checksum fails if more comes than it says, for no more is read."""
    with archive.open(entry) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _check_cells(name: str, content: bytes, kind: str) -> None:
    if kind == XLSX and "worksheets/" in name:
        cells = _cells_of_xlsx(content)
    elif kind != XLSX and name == "content.xml":
        cells = _cells_of_ods(content)
    else:
        return
    if cells > MAX_CELLS:
        raise Unreadable(f"A sheet has more than {MAX_CELLS:,} cells. Ask for a part of it.")


def _cells_of_xlsx(content: bytes) -> int:
    """The cells of the rectangle around all that it names, or those that it writes if they are more."""
    rows: set[int] = set()
    columns: set[int] = set()
    written = 0
    for cell in _XLSX_CELL.finditer(content):
        written += 1
        if written > MAX_CELLS:
            return written
        if cell[1]:
            columns.add(_column(cell[1]))
            rows.add(int(cell[2]))
    return max(written, _span(rows) * _span(columns))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _span(numbers: set[int]) -> int:
    return max(numbers) - min(numbers) + 1 if numbers else 0


def _cells_of_ods(content: bytes) -> int:
    """The most cells of one table; empty ones count where others follow."""
    most, table = 0, _OdsTable()
    for tag in _ODS_TAG.finditer(content):
        closes, name, attributes = tag.groups()
        if name == b"table":
            most, table = max(most, table.cells), _OdsTable()
        elif name != b"table-row":
            table.add_cell(attributes)
        elif closes:
            table.end_row()
        else:
            table.begin_row(attributes)
    return max(most, table.cells)


class _OdsTable:
    """Counts a table's rows and columns up to the last that hold something. Both may be repeated."""

    def __init__(self) -> None:
        self._width = self._height = self._empty_rows = 0
        self._row_repeated = self._cells = self._filled = 0  # of the row that is read

    @property
    def cells(self) -> int:
        return self._width * self._height

    def begin_row(self, attributes: bytes) -> None:
        self._row_repeated, self._cells, self._filled = _repeated(attributes), 0, 0

    def add_cell(self, attributes: bytes) -> None:
        self._cells += _repeated(attributes)
        if b":value" in attributes:
            self._filled = self._cells

    def end_row(self) -> None:
        self._width = max(self._width, self._filled)
        self._empty_rows += self._row_repeated
        if self._filled:
            self._height, self._empty_rows = self._height + self._empty_rows, 0


def _repeated(attributes: bytes) -> int:
    match = _ODS_REPEATED.search(attributes)
    return int(match[1]) if match else 1
