"""Empties the tables after a test that commits: those that hold rows, all but what every database holds.

Django's flush empties every table and then makes content types, permissions and roles anew, which takes
longer than most tests. Here these stay as long as they are what they were, and else Django's flush is used.
"""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

from catalog.search import index

INDEX = "catalog_indexedpage"
STANDING = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions")


class Emptying:
    """What to do after each test; made when the database is new."""

    def __init__(self) -> None:
        self._standing = _standing_rows()

    def install(self) -> None:
        """Take the place of Django's flush in every test case with transactions of its own."""
        TransactionTestCase._fixture_teardown = lambda _case: self.empty()  # type: ignore[attr-defined]

    def empty(self) -> None:
        """Leave the tables as they were at the start; ids go on from where they are."""
        if _standing_rows() == self._standing:
            _delete_rows()
        else:
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
            self._standing = _standing_rows()


def _standing_rows() -> list[list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        return [_rows(cursor, table) for table in STANDING]


def _rows(cursor: CursorWrapper, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT * FROM {table} ORDER BY id")
    return list(cursor)


def _delete_rows() -> None:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [connection.ops.quote_name(name) for name in names if name not in STANDING]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(tables)}")  # waits for what killed processes still commit
            cursor.execute("SET LOCAL session_replication_role = replica")  # all go: no key need be checked
        looks = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables]
        cursor.execute(" UNION ALL ".join(looks))
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")
        if INDEX in connection.introspection.table_names(cursor):  # earlier releases have none
            _forget_words(cursor)


def _forget_words(cursor: CursorWrapper) -> None:
    """The index of words, which is no table of Django's."""
    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {INDEX})")
    (has_words,) = cursor.fetchone()
    if has_words:
        index().forget_all()
