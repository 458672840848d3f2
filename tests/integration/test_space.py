"""SQLite's file gets smaller when much was deleted, and its journal stays small meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from catalog.schema import SCRIPT
from pipelines.prune import space
from tests.harness import environment

READY = """
import django; django.setup()
from django.core.management import CommandError, call_command
from django.db import connection
from catalog.schema import bring_up_to_date
from pipelines.prune import space
"""
PREPARE = (
    READY
    + """
bring_up_to_date()
execute = connection.cursor().execute
"""
)
FILL_AND_EMPTY = (
    PREPARE
    + """
execute("CREATE TABLE IF NOT EXISTS big (i, text)")
execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO big SELECT i, hex(randomblob(1000)) FROM n")
execute("DELETE FROM big")
"""
)
GIVE_BACK = PREPARE + "print(sum(1 for _ in space.give_back()))"
COMPACT_AT_ONCE = (
    READY
    + """
connection.cursor().execute("PRAGMA busy_timeout = 50").fetchall()
try:
    call_command("compact_database")
except CommandError as error:
    print(error)
"""
)
MB = 2**20
FULL, EMPTIED = 30 * MB, space.KEPT * 4096 + 2 * MB


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    return {**environment.child(CRAWLBEAT_DATA=str(tmp_path)), "DATABASE_URL": ""}


def python(program: str, variables: dict[str, str]) -> str:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=variables, cwd=environment.ROOT, check=True, capture_output=True)
    return done.stdout.decode()


def size(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "crawlbeat.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "crawlbeat.sqlite3").stat().st_size


def test_a_new_file_is_cut_when_rows_are_deleted(tmp_path, variables):
    python(FILL_AND_EMPTY, variables)
    assert size(tmp_path) > FULL
    assert int(python(GIVE_BACK, variables)) > 10
    assert size(tmp_path) < EMPTIED


def test_a_file_of_an_earlier_release_is_cut_after_the_command(tmp_path, variables):
    with closing(sqlite3.connect(tmp_path / "crawlbeat.sqlite3")) as database:
        for statement in SCRIPT.read_text(encoding="utf-8").splitlines():
            database.execute(statement)
        database.commit()
    python(FILL_AND_EMPTY, variables)
    assert int(python(GIVE_BACK, variables)) == 0
    assert size(tmp_path) > FULL
    assert "MB before" in python(COMPACT_AT_ONCE, variables)
    assert size(tmp_path) < 2 * MB
    python(FILL_AND_EMPTY, variables)
    assert int(python(GIVE_BACK, variables)) > 10
    assert size(tmp_path) < EMPTIED


def test_the_command_says_what_to_do_when_the_file_is_in_use(tmp_path, variables):
    python(PREPARE, variables)
    with closing(sqlite3.connect(tmp_path / "crawlbeat.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "stop 'crawlbeat up'" in python(COMPACT_AT_ONCE, variables)


@pytest.mark.django_db(transaction=True)
def test_a_long_journal_is_begun_anew_as_soon_as_readers_let_it(monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has a journal of its own")
    monkeypatch.setattr(space, "JOURNAL", 1)
    monkeypatch.setattr(space, "PAUSE", 0.0)
    journal = space.Journal()
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM catalog_seed").fetchone()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE long_journal (text)")
            cursor.execute("DROP TABLE long_journal")
        journal.bound()
        assert space.journal_bytes() > 0
        reader.execute("COMMIT")
    journal.bound()
    assert space.journal_bytes() == 0
