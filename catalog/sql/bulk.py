"""Bulk statements on any table. Django's own take longer than all other work on a batch.

Values are those of the model's fields; this module adapts times, and knows how each dialect takes many rows.
PostgreSQL gets parameters beside the statement, in binary: Django writes them into its text, where bytes take
twice their size and most of the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Field, Model
from django.db.models.expressions import RawSQL

if connection.vendor == "postgresql":  # importing it takes longer than importing our tables
    import psycopg

Row = Sequence[Any]
PARAMETERS = 60_000  # of one statement; the protocol of PostgreSQL counts them in 16 bits


def rows_of(model: type[Model], columns: Sequence[str], keys: Sequence[tuple[int | str, ...]]) -> RawSQL:
    """For ``pk__in``: the rows whose ``columns`` together are one of the keys; any number of them.

    The columns are of integers or of texts.
    """
    if not keys:
        return RawSQL("SELECT 0 WHERE 1 = 0", ())  # noqa: S611  ours
    key = f"({', '.join(['%s'] * len(columns))})"
    same = " AND ".join(f"{_name(column)} = column{at}" for at, column in enumerate(columns, 1))
    # A cross join, so that SQLite goes from the keys to the rows; for an IN it would read all rows.
    values = f"(VALUES {', '.join([key] * len(keys))}) AS keys"
    statement = f"SELECT id FROM {values} CROSS JOIN {model._meta.db_table} WHERE {same}"  # noqa: S608  ours
    return RawSQL(statement, tuple(chain.from_iterable(keys)))  # noqa: S611  ours


def any_of(*parts: RawSQL) -> RawSQL:
    """For ``pk__in``: the rows of any of the parts, which are those of :func:`rows_of`."""
    statement = " UNION ".join(part.sql for part in parts)
    return RawSQL(statement, tuple(chain.from_iterable(part.params for part in parts)))  # noqa: S611  ours


def new_ids(model: type[Model], count: int) -> list[int]:
    """Ids for rows to be inserted, so that rows that point to each other need no second statement.

    Must be called in a transaction; an id that is not used in it is never used.
    """
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_NEXT_POSTGRESQL, [table, count])
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute(_FIRST_SQLITE, [table, table])
        cursor.execute(_NEXT_SQLITE, [count, table])
        (last,) = cursor.fetchone()
        return list(range(last - count + 1, last + 1))


_NEXT_POSTGRESQL = """
WITH of_table AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name)
SELECT nextval(name) FROM of_table, generate_series(1, %s)
"""  # materialized: the name is looked up once, and not for each id
_FIRST_SQLITE = """
INSERT INTO sqlite_sequence (name, seq) SELECT %s, 0
WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = %s)
"""  # a table gets its row there with its first insert
_NEXT_SQLITE = "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq"


def insert(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows."""
    into = f"INSERT INTO {model._meta.db_table} ({_names(columns)})"
    rows = _adapted(model, columns, rows)
    if connection.vendor == "postgresql":
        for part in _parts(rows, len(columns)):
            _run(f"{into} {_values(part)}", part)
    elif rows:
        _run_each(f"{into} VALUES ({', '.join(['%s'] * len(columns))})", rows)


def listed(values: Sequence[int]) -> RawSQL:
    """For ``pk__in``: many integers as one parameter, which Django does not look at one by one."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(values)])  # noqa: S611  ours
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(values))])  # noqa: S611  ours


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
        _run_each(f"UPDATE {table} SET {changes} WHERE {key} = %s", rows)  # noqa: S608


def delete(model: type[Model], column: str, values: Sequence[int]) -> None:
    """Delete the rows that have one of these values in a column, and nothing that points to them.

    Rows that point to them must be gone before, where the database checks that.
    """
    if not values:
        return
    where = f"DELETE FROM {model._meta.db_table} WHERE {_name(column)}"  # noqa: S608  ours
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{where} = ANY(%s)", [list(values)])
        else:
            cursor.execute(f"{where} IN ({', '.join(['%s'] * len(values))})", values)


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
    """A value as the driver takes it, except for times, which :func:`update` adapts."""
    value = getattr(row, field.attname)
    return value if isinstance(field, DateTimeField) else field.get_db_prep_save(value, connection)


def _run(statement: str, rows: Sequence[Row]) -> None:
    """Run one statement of PostgreSQL with the values of all rows as its parameters, row by row."""
    values = list(chain.from_iterable(rows))
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(statement.encode(), values, prepare=False)


def _run_each(statement: str, rows: Sequence[Row]) -> None:
    """Run a statement of SQLite for each row: it is prepared once for any number of rows."""
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _parts(rows: Sequence[Row], width: int) -> Iterable[Sequence[Row]]:
    size = PARAMETERS // width
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _adapted(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with times in SQLite's form, which has no type for them."""
    if connection.vendor == "postgresql":
        return rows
    times = [at for at, name in enumerate(columns) if isinstance(_field(model, name), DateTimeField)]
    if not times:
        return rows
    adapted, texts = [list(row) for row in rows], _Texts()
    for row in adapted:
        for at in times:
            row[at] = texts[row[at]]
    return adapted


class _Texts(dict[datetime | None, str | None]):
    """Times as Django writes them into SQLite; its own way takes ten times as long. Rows share many."""

    def __missing__(self, moment: datetime | None) -> str | None:
        text = None if moment is None else str(moment.astimezone(UTC))[:-6]  # without +00:00
        self[moment] = text
        return text


def _values(rows: Sequence[Row], types: Sequence[str] = ()) -> str:
    """A VALUES list with a parameter for each value; where there are types, the first row names them."""
    width = len(rows[0])
    marks = [f"${number}" for number in range(1, width * len(rows) + 1)]
    for at, name in enumerate(types):
        marks[at] += f"::{name}"
    lists = [",".join(marks[at : at + width]) for at in range(0, len(marks), width)]
    return f"VALUES ({'),('.join(lists)})"


@cache
def _type(model: type[Model], column: str) -> str:
    """The type of a column, without its length: a cast with it would cut a value that is too long."""
    return (_field(model, column).rel_db_type(connection) or "").partition("(")[0]


@cache
def _field(model: type[Model], column: str) -> Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_name, columns))


@cache
def _name(column: str) -> str:
    return connection.ops.quote_name(column)
