"""``manage.py`` and ``crawlbeat manage``: Django's commands on the data folder, without preparation."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.harness.embedded import Embedded
from tests.harness.environment import ROOT


@pytest.fixture
def own(tmp_path):
    own = Embedded(tmp_path)
    own.environment["CRAWLBEAT_DATA"] = str(own.data)
    return own


def run(own, *words):
    return subprocess.run(
        [sys.executable, *words], env=own.environment, capture_output=True, text=True, cwd=own.folder
    )


def test_manage_py_works_in_a_fresh_clone(own):
    done = run(own, str(ROOT / "manage.py"), "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    assert (own.data / "crawlbeat.sqlite3").exists()
    assert (own.data / "secret_key").stat().st_mode & 0o777 == 0o600
    again = run(own, "-m", "console", "manage", "check", "--deploy")
    assert again.returncode == 0, again.stderr
    assert "SECRET_KEY" not in again.stderr  # long and random enough


def test_with_a_key_of_its_own_it_makes_no_folder(own):
    own.environment |= {"SECRET_KEY": "x" * 60, "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing"}
    done = run(own, str(ROOT / "manage.py"), "check")
    assert done.returncode == 0, done.stderr
    assert not own.data.exists()


def test_a_wrong_setting_is_one_line(own):
    own.environment["CRAWLBEAT_SESSION_HOSTS"] = "many"
    done = run(own, "-m", "console", "manage", "check")
    assert done.returncode == 1
    assert done.stderr == "crawlbeat manage: CRAWLBEAT_SESSION_HOSTS: 'many' is not a number\n"
