"""Bulk statements on any table: rows in, ids out. Django's own take longer than all else of a batch.

Values are those of the model's fields; moments and the dialects' ways with many rows are seen to here.
PostgreSQL gets parameters beside the statement, in binary: written into its text, as Django has it, bytes
take twice their size and most of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import psycopg
from django.db import connection
from django.db.models import DateTimeField, Field, Model

Row = Sequence[Any]
PARAMETERS = 60_000  # of one statement; the protocol of PostgreSQL counts them in 16 bits


def insert(
    model: type[Model], columns: Sequence[str], rows: Sequence[Row], returning: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Insert rows; returns the ``returning`` columns of each, in any order."""
    into = f"{model._meta.db_table} ({_names(columns)})"
    made: list[tuple[Any, ...]] = []
    for part in _parts(_adapted(model, columns, rows), len(columns)):
        statement = f"INSERT INTO {into} {_values(part)} RETURNING {_names(returning)}"  # noqa: S608  ours
        made += _run(statement, part)
    return made


def update(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set columns of rows; the last column is the key."""
    table, key = model._meta.db_table, columns[-1]
    rows = _adapted(model, columns, rows)
    if connection.vendor == "postgresql":
        types = [_type(model, column) for column in columns]
        changes = ", ".join(f"{_name(column)} = new.{_name(column)}" for column in columns[:-1])
        for part in _parts(rows, len(columns)):
            new = f"({_values(part, types)}) AS new({_names(columns)})"
            _run(f"UPDATE {table} SET {changes} FROM {new} WHERE {table}.{key} = new.{key}", part)  # noqa: S608
    elif rows:
        changes = ", ".join(f"{_name(column)} = %s" for column in columns[:-1])
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {changes} WHERE {key} = %s", rows)  # noqa: S608


def update_each(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Write these fields of all rows, which are of one table; several times quicker than ``bulk_update``."""
    if not rows:
        return
    model = type(rows[0])
    written: list[Any] = [model._meta.get_field(name) for name in fields]
    columns = [*[field.column for field in written], "id"]
    values = [[*[_prepared(field, row) for field in written], row.pk] for row in rows]
    update(model, columns, values)


def _prepared(field: Any, row: Model) -> Any:
    """A value as the driver takes it, but for moments, which :func:`update` adapts."""
    value = getattr(row, field.attname)
    return value if isinstance(field, DateTimeField) else field.get_db_prep_save(value, connection)


def _run(statement: str, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Run a statement on the values of all rows, one after the other; what it returns, if it does."""
    values = list(chain.from_iterable(rows))
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(statement.encode(), values, prepare=False)
        return cursor.fetchall() if cursor.description else []


def _parts(rows: Sequence[Row], width: int) -> Iterable[Sequence[Row]]:
    size = PARAMETERS // width
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _adapted(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    """SQLite has no type for moments."""
    if connection.vendor == "postgresql":
        return rows
    adapt = connection.ops.adapt_datetimefield_value
    moments = {at for at, name in enumerate(columns) if isinstance(_field(model, name), DateTimeField)}
    return [[adapt(value) if at in moments else value for at, value in enumerate(row)] for row in rows]


def _values(rows: Sequence[Row], types: Sequence[str] = ()) -> str:
    """A list of values with a parameter for each; of the first row with its type, where there are types."""
    width = len(rows[0])
    marks = ["%s"] * width * len(rows)
    if connection.vendor == "postgresql":
        marks = [f"${number}" for number in range(1, len(marks) + 1)]
    for at, name in enumerate(types):
        marks[at] += f"::{name}"
    lists = [",".join(marks[at : at + width]) for at in range(0, len(marks), width)]
    return f"VALUES ({'),('.join(lists)})"


def _type(model: type[Model], column: str) -> str:
    """The type of a column, without its length: a cast to that would cut what is too long."""
    return (_field(model, column).rel_db_type(connection) or "").partition("(")[0]


def _field(model: type[Model], column: str) -> Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_name, columns))


def _name(column: str) -> str:
    return connection.ops.quote_name(column)
