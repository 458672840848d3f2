"""Spreadsheets, XLSX and ODS, by calamine: their cells as they were last computed.

The data is a list of objects by heading; of several sheets with cells, such a list for each by its name. The
library is loaded when the first sheet is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from importlib import import_module
from io import BytesIO
from typing import Any

from crawler.file_kinds import ODS, XLSX, kind_of_bytes, kind_of_type
from crawler.reading.document import Document
from crawler.reading.sources.packed_sheets import MAX_CELLS, check_packed
from crawler.reading.sources.source import Unreadable
from crawler.reading.sources.table import objects_of
from crawler.reading.text import fold, storable

_SHEETS = frozenset((XLSX, ODS))


def sniff(body: bytes, content_type: str) -> bool:
    """Whether the body is a spreadsheet, or its type says so."""
    return kind_of_type(content_type) in _SHEETS or kind_of_bytes(body) in _SHEETS


def read(body: bytes, content_type: str) -> Document:
    """The document; its text is that of all cells, row by row."""
    kind = kind_of_bytes(body)
    if kind not in _SHEETS:
        raise Unreadable("The type is that of a spreadsheet, but this is neither XLSX nor ODS.")
    check_packed(body, kind)
    sheets = {name: rows for name, rows in _sheets(body) if rows}
    tables = {storable(name): objects_of(rows, MAX_CELLS) for name, rows in sheets.items()}
    words = [str(cell) for rows in sheets.values() for row in rows for cell in row if cell is not None]
    data = next(iter(tables.values())) if len(tables) == 1 else tables
    return Document("utf-8", fold(" ".join(words)), data=data if tables else [])


def _sheets(body: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    calamine = import_module("python_calamine")
    try:
        with calamine.load_workbook(BytesIO(body)) as workbook:
            for name in workbook.sheet_names:
                rows = workbook.get_sheet_by_name(name).to_python()
                yield name, [_row(row) for row in rows if any(cell != "" for cell in row)]
    except calamine.PasswordError as error:
        raise Unreadable("This spreadsheet needs a password.") from error
    except calamine.CalamineError as error:
        raise Unreadable(f"This spreadsheet cannot be read: {str(error)[:150]}.") from error


def _row(row: Sequence[Any]) -> list[Any]:
    return [_value(cell) for cell in row]


def _value(cell: Any) -> Any:
    """A cell as JSON can hold it: no whole number is a fraction, dates and times are ISO 8601."""
    if isinstance(cell, str):
        return storable(cell) or None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return cell.total_seconds() if isinstance(cell, timedelta) else cell
