"""Files of the data folder that are damaged: a sentence that says what to do, no traceback, nothing lost."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from embedded.datadir import DataFolder
from tests.harness.embedded import Embedded, words_of
from tests.harness.processes import free_port
from tests.harness.waiting import wait_until

COMMANDS = {
    "up": ["up"],
    "status": ["status"],
    "doctor": ["doctor"],
    "crawl": ["crawl", "http://a.invalid/", "-o", "-", "--format", "jsonl"],
    "export": ["export", "pages", "-o", "-", "--format", "jsonl"],
    "recrawl": ["recrawl", "http://127.0.0.1:9/"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder that was used."""
    made = Embedded(tmp_path_factory.mktemp("used"))
    made.shell("from catalog.schema import bring_up_to_date; bring_up_to_date()")
    return made.data


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Iterator[Embedded]:
    copied = Embedded(tmp_path)
    shutil.copytree(folder, copied.data)
    yield copied
    copied.end()


def _no_header(data: Path) -> None:
    with (data / "crawlbeat.sqlite3").open("r+b") as file:
        file.write(b"not a database at all")


def _half(data: Path) -> None:
    file = data / "crawlbeat.sqlite3"
    for name in ("crawlbeat.sqlite3-wal", "crawlbeat.sqlite3-shm"):
        (data / name).unlink(missing_ok=True)
    os.truncate(file, file.stat().st_size // 2)


def _newer(data: Path) -> None:
    database = sqlite3.connect(data / "crawlbeat.sqlite3")
    with database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('catalog', '0999_new', '2030-01-01')"
        )
    database.close()


def tell(copy: Embedded, command: str) -> str:
    """What a command says about it: one line, exit status not 0, no traceback."""
    words = COMMANDS[command]
    if command == "up":
        words = [*words, "--port", str(free_port())]
    done = copy.run(*words)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr if command != "status" else done.stdout + done.stderr


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"status"}))
@pytest.mark.parametrize("damage", [_no_header, _half])
def test_a_damaged_database_gets_a_sentence(copy: Embedded, command: str, damage: Callable[[Path], None]):
    damage(copy.data)
    before = (copy.data / "crawlbeat.sqlite3").read_bytes()
    told = tell(copy, command)
    assert "is damaged" in told
    assert "restore a backup (docs/operations.md" in told
    assert (copy.data / "crawlbeat.sqlite3").read_bytes() == before


@pytest.mark.parametrize("damage", [_no_header, _half])
def test_status_of_a_running_folder_says_it_too(copy: Embedded, damage: Callable[[Path], None]):
    folder = DataFolder(copy.data)
    assert folder.lock()
    folder.write_state({"kind": "up", "pid": 1, "started_at": "2026-01-01T00:00:00+00:00", "children": {}})
    damage(copy.data)
    done = copy.run("status")
    folder.unlock()
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "is damaged" in done.stdout


@pytest.mark.parametrize(
    ("command", "key"), [*((command, "secret_key") for command in sorted(COMMANDS)), ("up", "secrets_key")]
)
def test_an_empty_key_is_refused_and_not_replaced(copy: Embedded, command: str, key: str):
    copy.environment.pop("CRAWLBEAT_SECRETS_KEYS", None)  # or the file is not asked for
    (copy.data / key).write_bytes(b"")
    assert f"{key} is empty; restore it from a backup" in tell(copy, command)
    assert (copy.data / key).read_bytes() == b""


@pytest.mark.parametrize("command", ["up", "crawl", "export", "recrawl"])
def test_data_of_a_newer_release_are_refused(copy: Embedded, command: str):
    _newer(copy.data)
    told = tell(copy, command)
    assert "a newer release has written these data" in told
    assert "catalog 0999_new" in told
    assert len([line for line in words_of(told) if "newer release" in line]) == 1


def test_a_broken_valkey_file_is_set_aside_and_everything_starts(copy: Embedded):
    up = copy.up()
    up.stop()
    (file,) = (copy.data / "appendonlydir").glob("*.incr.aof")
    with file.open("r+b") as opened:
        opened.write(b"GARBAGE-GARBAGE-GARBAGE")
    up = copy.up()
    assert "Valkey's file was broken and is set aside as" in up.output()
    assert list(copy.data.glob("appendonlydir.broken-*"))
    wait_until(lambda: copy.run("doctor").returncode == 0, 60, what="the doctor is content")
    assert "redis-set-aside" in copy.run("doctor").stdout
    status = copy.run("status")
    assert "All is well." in status.stdout


def test_a_backup_made_as_the_manual_says_is_restored(copy: Embedded):
    backup = copy.folder / "backup.sqlite3"
    copy.shell(
        "from django.contrib.auth.models import User; User.objects.create(username='somebody');"
        "from django.db import connection as c; c.cursor().execute('VACUUM INTO %s', ['" + str(backup) + "'])"
    )
    _half(copy.data)
    assert copy.run("doctor").returncode == 3
    backup.replace(copy.data / "crawlbeat.sqlite3")
    assert copy.run("doctor", "--all").returncode == 0
    names = copy.shell("from django.contrib.auth.models import User; print(User.objects.get().username)")
    assert names.strip() == "somebody"


def test_a_worker_that_ends_again_and_again_is_told_by_up_and_by_status(copy: Embedded):
    up = copy.up()
    for _ in range(3):
        wait_until(lambda: copy.child("worker-parse"), 30, what="the parser is started")
        pid = copy.child("worker-parse")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda pid=pid: copy.child("worker-parse") != pid, 30, what="its death is seen")
    sentence = "worker-parse ended 3 times in the last 10 minutes."
    up.wait_for_output(sentence, 30)
    assert sentence in copy.run("status").stdout
    assert sentence in copy.run("doctor").stdout
