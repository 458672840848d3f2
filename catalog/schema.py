"""Brings the tables up to date: by migrations, or a new SQLite database at once, by a script.

The script, ``new_database.sql``, holds what all migrations make of an empty database, their rows included. It
is written by ``manage write_new_database``, and a test compares both ways.
"""

from __future__ import annotations

import pkgutil
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

SCRIPT = Path(__file__).with_name("new_database.sql")  # a statement a line


def bring_up_to_date() -> None:
    """Apply what migrations are missing; quick when there are none, and when there is nothing yet."""
    if connection.vendor == "sqlite":
        fill_new_database()
    if unapplied_migrations():
        call_command("migrate", verbosity=0, interactive=False)


def fill_new_database() -> None:
    """Run the script if there is no table yet."""
    with connection.cursor() as cursor:
        if not connection.introspection.table_names(cursor):
            keep_page_map()
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.introspection.table_names(cursor):
            for statement in SCRIPT.read_text(encoding="utf-8").splitlines():
                cursor.execute(statement)


def keep_page_map() -> None:
    """Write SQLite's file anew with a map of its pages, with which it can be cut when rows are deleted.

    Quick while it is empty. Nothing else may use it, and there must be room for a second file.
    """
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
        cursor.execute("VACUUM")


def unapplied_migrations() -> set[tuple[str, str]]:
    """Each as its app's label and its name. Reads only the names of their files, which is quick."""
    names = {
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in pkgutil.iter_modules([str(Path(app.path) / "migrations")])
        if module.name[0] not in "_~"
    }
    return names - MigrationRecorder(connection).applied_migrations().keys()
