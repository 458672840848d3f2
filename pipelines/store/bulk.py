"""Bulk statements on any table: rows in, ids out. Django's own take longer than all else of a batch.

Values are those of the model's fields; moments and the dialects' ways with many rows are seen to here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Model

Row = Sequence[Any]


def insert(
    model: type[Model], columns: Sequence[str], rows: Sequence[Row], returning: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Insert rows with one statement; returns the ``returning`` columns of each, in any order."""
    if not rows:
        return []
    rows = _adapted(model, columns, rows)
    if connection.vendor == "postgresql":
        source = f"SELECT * FROM {_unnest(model, columns)}"  # noqa: S608  names of ours
        values: list[Any] = _transposed(rows)
    else:
        source = "VALUES " + ",".join([f"({','.join(['%s'] * len(columns))})"] * len(rows))
        values = list(chain.from_iterable(rows))
    statement = (
        f"INSERT INTO {model._meta.db_table} ({_names(columns)}) {source} RETURNING {_names(returning)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def update(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set columns of rows; the last column is the key."""
    if not rows:
        return
    rows = _adapted(model, columns, rows)
    table, key = model._meta.db_table, columns[-1]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            changes = ", ".join(f"{_name(column)} = new.{_name(column)}" for column in columns[:-1])
            source = f"{_unnest(model, columns)} AS new({_names(columns)})"
            statement = f"UPDATE {table} SET {changes} FROM {source} WHERE {table}.{key} = new.{key}"  # noqa: S608
            cursor.execute(statement, _transposed(rows))
        else:
            changes = ", ".join(f"{_name(column)} = %s" for column in columns[:-1])
            cursor.executemany(f"UPDATE {table} SET {changes} WHERE {key} = %s", rows)  # noqa: S608


def _adapted(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    """SQLite has no type for moments."""
    if connection.vendor == "postgresql":
        return rows
    adapt = connection.ops.adapt_datetimefield_value
    moments = {at for at, name in enumerate(columns) if isinstance(_field(model, name), DateTimeField)}
    return [[adapt(value) if at in moments else value for at, value in enumerate(row)] for row in rows]


def _unnest(model: type[Model], columns: Sequence[str]) -> str:
    """Parameters that are one array a column. Without its length a type's cast cuts nothing off."""
    types = [(_field(model, name).db_type(connection) or "").partition("(")[0] for name in columns]
    return f"unnest({', '.join(f'%s::{name}[]' for name in types)})"


def _transposed(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _field(model: type[Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_name, columns))


def _name(column: str) -> str:
    return connection.ops.quote_name(column)
