"""``migrate_once``: containers that start together migrate once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import connection

from tests.harness import environment
from tests.harness.processes import Processes


@pytest.fixture
def empty_database(transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """The environment of a database that holds nothing yet."""
    if environment.database_kind() == "sqlite":
        return {"CRAWLBEAT_DATA": str(tmp_path / "data")}
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS unmigrated")
        cursor.execute("CREATE DATABASE unmigrated")
    return {"DATABASE_URL": os.environ["DATABASE_URL"].removesuffix("crawlbeat") + "unmigrated"}


def test_many_at_once_migrate_once(processes: Processes, empty_database: dict[str, str]) -> None:
    every = [
        processes.python(f"migrate-{number}", "manage.py", "migrate_once", "--wait", "20", **empty_database)
        for number in range(3)
    ]
    for process in every:
        assert process.popen.wait(90) == 0, process.output()
    applied = [process for process in every if "Applying catalog.0001_initial" in process.output()]
    assert len(applied) == 1


def test_data_of_a_newer_release_are_refused(processes: Processes, empty_database: dict[str, str]) -> None:
    def migrate() -> tuple[int, str]:
        process = processes.python("migrate", "manage.py", "migrate_once", "--wait", "20", **empty_database)
        return process.popen.wait(90), process.output()

    assert migrate()[0] == 0
    record = (
        "from django.db.migrations.recorder import MigrationRecorder as R; from django.db import connection;"
    )
    record += "R(connection).record_applied('catalog', '0999_of_tomorrow')"
    done = processes.python("shell", "manage.py", "shell", "-v0", "-c", record, **empty_database)
    assert done.popen.wait(60) == 0, done.output()
    status, words = migrate()
    assert status == 1
    assert "a newer release has written these data" in words
    assert "Traceback" not in words


def test_a_server_that_never_answers_is_named(processes: Processes, tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/nobody.sock"
    process = processes.python("migrate", "manage.py", "migrate_once", "--wait", "0", REDIS_URL=url)
    assert process.popen.wait(60) != 0
    assert "Redis does not answer" in process.output()
