"""SQLite: a database with one table, ``rows``. Dates are texts (ISO 8601), truth values 0 and 1."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from errno import ENOSPC
from pathlib import Path
from typing import IO, Any

from pipelines.export.cells import all_typed, typed_table
from pipelines.export.columns import Column, TooMuch, Type
from pipelines.export.slices import Row, moment_text

MOST_COLUMNS = 2_000  # SQLITE_MAX_COLUMN, unless SQLite was built with more
TABLE = "rows"
_TYPES = {Type.INTEGER: "INTEGER", Type.NUMBER: "REAL", Type.BOOLEAN: "INTEGER"}


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> Writer:
    """Make the table."""
    return Writer(file, columns)


def read_cells(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The cells of each row by column."""
    with closing(sqlite3.connect(f"{Path(file.name).absolute().as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        yield from map(dict, database.execute(f"SELECT * FROM {TABLE} ORDER BY rowid"))  # noqa: S608


class Writer:
    """A row of the table for each row."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        typed = all_typed(columns)
        if len(typed) > MOST_COLUMNS:
            raise TooMuch(f"SQLite holds {MOST_COLUMNS:,} columns, not {len(typed):,}. Use Parquet.")
        self._file, self._table = file, typed_table(columns)
        self._path = Path(file.name).with_name("rows.sqlite")
        # the client of S3 reads, and so has this written, in threads of its own, one after another
        self._database = sqlite3.connect(self._path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        names = ", ".join(f"{_quoted(each.name)} {_TYPES.get(each.type, 'TEXT')}" for each in typed)
        self._database.execute(f"CREATE TABLE {TABLE} ({names})")
        self._insert = f"INSERT INTO {TABLE} VALUES ({', '.join('?' * len(typed))})"  # noqa: S608 - no values

    def write(self, part: list[Row]) -> None:
        try:
            self._database.executemany(self._insert, zip(*map(_stored, self._table(part)), strict=True))
        except sqlite3.OperationalError as error:  # SQLite says so when the disk is full
            raise OSError(ENOSPC, str(error)) from error

    def close(self) -> None:
        """Copy the database into the file."""
        self._database.commit()
        self._database.close()
        with self._path.open("rb") as database:
            shutil.copyfileobj(database, self._file)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace("\0", "") + '"'


def _stored(values: list[Any]) -> list[Any]:
    return [value if value is None or value.__class__ is str else _adapted(value) for value in values]


def _adapted(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value
