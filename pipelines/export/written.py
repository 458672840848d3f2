"""Rows written at once: for a download, which is sent while they are read, or into a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from catalog.formats import FORMATS
from catalog.models import Export
from pipelines.export.columns import TooMuch
from pipelines.export.formats import BLOCK, blocks
from pipelines.export.manifest import Made, begun, ended
from pipelines.export.rows import Rows, rows_of_export
from pipelines.export.slices import Place, Row

MOST_BEFORE = 50_000  # rows that are written before the first byte is sent, by formats that are no text


def row_blocks(rows: Rows, form: str, compression: str = "") -> Iterator[bytes]:
    """The file of all rows in pieces; ``form`` is the name of a format.

    Raises ValueError as formats do, :class:`TooMuch` among them for more than :data:`MOST_BEFORE` rows of one
    that is not sent while it is written.
    """
    most = None if FORMATS[form].streams else MOST_BEFORE
    return blocks(_Counted(rows, most), rows.columns, form, compression)


def write_rows(file: IO[bytes], form: str, rows: Rows, compression: str = "") -> int:
    """Write everything to a file; returns the number of rows. Raises ValueError as formats do."""
    counted = _Counted(rows)
    for block in blocks(counted, rows.columns, form, compression):
        file.write(block)
    return counted.count


def write_export(file: IO[bytes], export: Export, now: datetime) -> dict[str, Any]:
    """Write all that an export asks for, which may have no row; returns its manifest.

    Raises ValueError as formats do.
    """
    begin, rows = begun(export, now), rows_of_export(export)
    counted = _Counted(rows)
    made = Made(blocks(counted, rows.columns, export.format, export.compression))
    shutil.copyfileobj(made, file, BLOCK)
    return begin | ended(rows.columns, counted.count, made)


class _Counted:
    """Rows in parts, to read once: ``count`` are read, at most ``most``."""

    def __init__(self, rows: Rows, most: int | None = None) -> None:
        self._rows, self._most = rows, most
        self.count = 0

    def __iter__(self) -> Iterator[list[Row]]:
        for part, _ in self._rows.slices(Place()):
            self.count += len(part)
            if self._most is not None and self.count > self._most:
                raise TooMuch(f"There are more than {self._most:,} rows.")
            yield part
