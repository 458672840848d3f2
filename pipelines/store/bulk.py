"""Bulk statements on any table: rows in, ids out. Django's own take longer than all else of a batch.

Values are those of the model's fields; moments and the dialects' ways with many rows are seen to here.
PostgreSQL gets parameters beside the statement, in binary: written into its text, as Django has it, bytes
take twice their size and most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import psycopg
from django.db import connection
from django.db.models import DateTimeField, Model

Row = Sequence[Any]


def insert(
    model: type[Model], columns: Sequence[str], rows: Sequence[Row], returning: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Insert rows with one statement; returns the ``returning`` columns of each, in any order."""
    if not rows:
        return []
    into = f"{model._meta.db_table} ({_names(columns)})"
    values = _values([_row(columns)] * len(rows))
    statement = f"INSERT INTO {into} {values} RETURNING {_names(returning)}"  # noqa: S608  names of ours
    return _run(statement, _adapted(model, columns, rows))


def update(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set columns of rows; the last column is the key."""
    if not rows:
        return
    rows = _adapted(model, columns, rows)
    table, key = model._meta.db_table, columns[-1]
    if connection.vendor == "postgresql":
        changes = ", ".join(f"{_name(column)} = new.{_name(column)}" for column in columns[:-1])
        values = _values([_typed_row(model, columns), *[_row(columns)] * (len(rows) - 1)])
        source = f"({values}) AS new({_names(columns)})"
        _run(f"UPDATE {table} SET {changes} FROM {source} WHERE {table}.{key} = new.{key}", rows)  # noqa: S608
        return
    changes = ", ".join(f"{_name(column)} = %s" for column in columns[:-1])
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {changes} WHERE {key} = %s", rows)  # noqa: S608


def _run(statement: str, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Run a statement on the values of all rows, one after the other; what it returns, if it does."""
    values = list(chain.from_iterable(rows))
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=False)
        return cursor.fetchall() if cursor.description else []


def _adapted(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    """SQLite has no type for moments."""
    if connection.vendor == "postgresql":
        return rows
    adapt = connection.ops.adapt_datetimefield_value
    moments = {at for at, name in enumerate(columns) if isinstance(_field(model, name), DateTimeField)}
    return [[adapt(value) if at in moments else value for at, value in enumerate(row)] for row in rows]


def _values(rows: Sequence[str]) -> str:
    return f"VALUES {','.join(rows)}"


def _row(columns: Sequence[str]) -> str:
    return f"({','.join(['%s'] * len(columns))})"


def _typed_row(model: type[Model], columns: Sequence[str]) -> str:
    """The first row of a list tells PostgreSQL its types. Without its length a cast cuts nothing off."""
    types = [(_field(model, name).rel_db_type(connection) or "").partition("(")[0] for name in columns]
    return f"({','.join([f'%s::{name}' for name in types])})"


def _field(model: type[Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_name, columns))


def _name(column: str) -> str:
    return connection.ops.quote_name(column)
