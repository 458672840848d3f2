"""Updating many rows, each to its own values, without ``bulk_update`` and its CASE for every value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model


def update_each(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Write these fields of all rows, which are of one table; several times quicker than ``bulk_update``."""
    if not rows:
        return
    meta = rows[0]._meta
    columns = [cast("Field[Any, Any]", meta.get_field(name)) for name in fields]
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(str(column.column))} = %s" for column in columns)
    values = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns] + [row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(meta.db_table)} SET {sets} WHERE id = %s", values)  # noqa: S608
