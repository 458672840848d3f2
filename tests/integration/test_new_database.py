"""A new SQLite database is made by a script, which is what all migrations make."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from django.db import connection

from catalog.management.commands.write_new_database import migrated, script_of
from catalog.schema import SCRIPT, bring_up_to_date, unapplied_migrations
from tests.harness import environment

PROGRAM = "import django; django.setup(); from catalog.schema import *; bring_up_to_date()"
REWRITE = "run ./crawlbeat manage write_new_database"


def bring_up(data: Path) -> Path:
    """What :func:`bring_up_to_date` makes of a folder's database in a process of its own."""
    variables = {**environment.child(CRAWLBEAT_DATA=str(data)), "DATABASE_URL": ""}
    subprocess.run([sys.executable, "-c", PROGRAM], env=variables, cwd=environment.ROOT, check=True)
    return data / "crawlbeat.sqlite3"


def test_the_script_is_what_all_migrations_make(tmp_path):
    by_migrations = migrated()
    assert SCRIPT.read_text(encoding="utf-8") == by_migrations, REWRITE
    assert script_of(bring_up(tmp_path)) == by_migrations


def test_the_times_of_its_migrations_are_those_of_the_script(tmp_path):
    with closing(sqlite3.connect(bring_up(tmp_path))) as database:
        times = [time for (time,) in database.execute("SELECT applied FROM django_migrations")]
    assert times
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", time) for time in times)


def test_a_database_of_an_earlier_release_is_migrated(tmp_path):
    variables = {**environment.child(CRAWLBEAT_DATA=str(tmp_path)), "DATABASE_URL": ""}
    migrate = [sys.executable, "manage.py", "migrate", "catalog", "0002", "--verbosity", "0"]
    subprocess.run(migrate, env=variables, cwd=environment.ROOT, check=True)
    with closing(sqlite3.connect(bring_up(tmp_path))) as database:
        query = "SELECT count(*) FROM django_migrations WHERE app = 'catalog' AND name > '0003'"
        assert database.execute(query).fetchone()[0] > 0


def test_nothing_is_missing_in_a_migrated_database(db):
    assert unapplied_migrations() == set()


def test_a_database_with_tables_is_left_alone(db):
    tables = connection.introspection.table_names()
    bring_up_to_date()
    assert connection.introspection.table_names() == tables
