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

from catalog.errors import NewerData

SCRIPT = Path(__file__).with_name("new_database.sql")  # a statement a line


def bring_up_to_date() -> None:
    """Apply what migrations are missing; quick when there are none, and when there is nothing yet.

    Raises:
        NewerData: before anything is written.
    """
    refuse_newer_data()
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


def refuse_newer_data() -> None:
    """Raise :class:`NewerData` if the tables have migrations that this release does not know."""
    labels = {app.label for app in apps.get_app_configs()}
    applied = {name for name in _recorder().applied_migrations() if name[0] in labels}
    if unknown := sorted(applied - _migrations()):
        named = ", ".join(f"{label} {name}" for label, name in unknown[:3])
        raise NewerData(
            f"a newer release has written these data (migrations that this one does not know: {named}); use "
            "that release, or restore the backup that was made before the upgrade (docs/operations.md)"
        )


def keep_page_map() -> None:
    """Write SQLite's file anew with a map of its pages, with which it can be cut when rows are deleted.

    Quick while it is empty. Nothing else may use it, and there must be room for a second file.
    """
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
        cursor.execute("VACUUM")


def unapplied_migrations() -> set[tuple[str, str]]:
    """Each as its app's label and its name. Reads only the names of their files, which is quick."""
    return _migrations() - _recorder().applied_migrations().keys()


def _recorder() -> MigrationRecorder:
    return MigrationRecorder(connection)


def _migrations() -> set[tuple[str, str]]:
    """Those of this release."""
    return {
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in pkgutil.iter_modules([str(Path(app.path) / "migrations")])
        if module.name[0] not in "_~"
    }
