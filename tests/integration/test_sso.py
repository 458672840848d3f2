"""The extra ``sso``: a session of its own tests it, as apps are those of a process. Without it, nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings

from tests.harness import environment
from tests.harness.routes import routes

LIBRARIES = ("joserfc", "pyotp", "segno")
MISSING = [name for name in LIBRARIES if find_spec(name) is None]
with_extra = pytest.mark.skipif(
    bool(MISSING),
    reason=f"the extra sso is NOT TESTED: {', '.join(MISSING)} is missing (requirements-dev.lock)",
)
BRING_UP = """
import django, sys
django.setup()
from catalog.schema import bring_up_to_date
bring_up_to_date()
print([name for name in sys.modules if name.startswith(("djsite.sso", "joserfc", "pyotp", "segno"))])
"""


def bring_up(data: Path, **variables: str) -> tuple[str, set[str]]:
    """Bring a folder's database up to date; what the process has loaded of the extra, and its tables."""
    variables = {**environment.child(CRAWLBEAT_DATA=str(data), **variables), "DATABASE_URL": ""}
    command = [sys.executable, "-c", BRING_UP]
    done = subprocess.run(command, env=variables, cwd=environment.ROOT, capture_output=True, text=True)
    if done.returncode:
        return done.stderr, set()
    with closing(sqlite3.connect(data / "crawlbeat.sqlite3")) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'sso_%' AND type = 'table'")
        return done.stdout.strip(), {name for (name,) in names}


def test_without_the_extra_there_is_nothing_and_with_it_its_tables_come_to_the_others(tmp_path: Path):
    assert bring_up(tmp_path) == ("[]", set())
    if MISSING:
        said, _ = bring_up(tmp_path, CRAWLBEAT_SSO="yes")
        assert "is missing: pip install 'crawlbeat[sso]'" in said
        return
    loaded, tables = bring_up(tmp_path, CRAWLBEAT_SSO="yes")
    assert tables == {"sso_identity", "sso_secondfactor", "sso_recoverycode", "sso_requiredfor"}
    assert "joserfc" not in loaded  # workers load the tables, and no library
    assert "pyotp" not in loaded


def test_the_site_without_the_extra_has_no_route_of_it():
    assert not settings.SSO
    assert not [route for route in routes() if "two-factors" in route or route.startswith("/login/w")]


@with_extra
@pytest.mark.timeout(300)
def test_the_extra():
    ours = ("CRAWLBEAT_TEST_", "DJANGO_SETTINGS_MODULE")
    given = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [sys.executable, "-m", "pytest", "-q", "tests/sso", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, env={**given, "TEST_SSO": "yes"}, cwd=environment.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
