"""``manage.py write_new_database``: after a new migration, for whoever wrote it."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand

from catalog.schema import SCRIPT

ROOT = Path(__file__).resolve().parents[3]
_SERVERS = ("DATABASE_URL", "DATABASE_URL_FILE")


class Command(BaseCommand):
    """Migrates an empty SQLite database in a folder of its own and writes what that has become."""

    help = "Writes catalog/new_database.sql, which makes new SQLite databases. Needed after a migration."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        SCRIPT.write_text(migrated(), encoding="utf-8")


def migrated() -> str:
    """The script for a database that has gone through every migration."""
    with TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name not in _SERVERS}
        environment["CRAWLBEAT_DATA"] = folder
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        return script_of(Path(folder) / "crawlbeat.sqlite3")


def script_of(database: Path) -> str:
    """The statements that make the same database, a line each."""
    with closing(sqlite3.connect(database)) as connection:
        made_by_others = [name for (name,) in connection.execute(_SHADOWS)]
        statements = [text.replace("\n", " ") for text in connection.iterdump()]
        virtual = [f"{text};" for (text,) in connection.execute(_VIRTUAL)]
    parts = [part for part in statements[1:-1] if not _is_of_virtual(part, made_by_others)]
    parts = [*sorted(parts, key=_is_no_table), *virtual]  # without BEGIN and COMMIT
    return "".join(f"{_without_time(part)}\n" for part in parts)


_VIRTUAL = "SELECT sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name"
_SHADOWS = "SELECT name FROM pragma_table_list WHERE type = 'shadow'"


def _is_of_virtual(statement: str, shadows: Sequence[str]) -> bool:
    """Whether it writes a virtual table past its own statement, or a table that this statement makes."""
    if statement.startswith(("PRAGMA writable_schema", "INSERT INTO sqlite_master")):
        return True
    made = re.match(r"(?:CREATE TABLE|INSERT INTO) ['\"](\w+)['\"]", statement)
    return made is not None and made[1] in shadows


def _is_no_table(statement: str) -> bool:
    """Tables come first: SQLite takes no row that points to a table that is not there yet."""
    return not statement.startswith("CREATE TABLE")


def _without_time(statement: str) -> str:
    """A row of Django's list of migrations says when each was applied: when the script runs."""
    if not statement.startswith('INSERT INTO "django_migrations"'):
        return statement
    return re.sub(r"'[\d-]+ [\d:.]+'\);$", "CURRENT_TIMESTAMP);", statement)
