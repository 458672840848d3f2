"""Fixtures of the whole suite. Importing this file sets the environment, before Django reads it.

``CRAWLBEAT_TEST_DATABASE=sqlite|postgres`` chooses the database; both are real, and so is Valkey. A test
that uses neither the ``db`` fixtures nor ``valkey`` starts no server. ``CRAWLBEAT_TEST_SHARE`` is a folder
for the marks of sessions that share their tests (tests.harness.sharing).
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import django
import hypothesis
import pytest
import redis
from django.conf import settings
from pytest_django import DjangoDbBlocker

from catalog.schema import bring_up_to_date
from tests.harness import databases, environment, network, servers
from tests.harness.emptying import Emptying
from tests.harness.processes import Processes
from tests.harness.sharing import Sharing
from tests.harness.waiting import PATIENCE

if settings.configured:
    raise pytest.UsageError("Django read its settings before the tests could: unset DJANGO_SETTINGS_MODULE")
SHARE = os.environ.get("CRAWLBEAT_TEST_SHARE")  # not for processes under test
SCRATCH = environment.prepare()
network.install()
django.setup()  # now: the conftests of folders import tables
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slow ones are for people
settings.WHITENOISE_AUTOREFRESH = True  # a new test client lists no files

collect_ignore = [] if settings.SSO else ["sso"]  # tests/integration/test_sso.py runs them

# no deadline: what takes long here may only have waited for a core
hypothesis.settings.register_profile("usual", deadline=None)
hypothesis.settings.register_profile("long", max_examples=12_000, deadline=None)
hypothesis.settings.load_profile("usual")


def pytest_unconfigure() -> None:
    shutil.rmtree(SCRATCH, ignore_errors=True)


def pytest_report_header() -> str:
    return f"crawlbeat: database {environment.database_kind()}, time scale {environment.TIME_SCALE}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, run again only what is about a database; SQLite, the default, has run the rest."""
    config.hook.pytest_deselected(items=[item for item in items if not databases.runs_here(item)])
    items[:] = [item for item in items if databases.runs_here(item)]
    for item in items:
        item.add_marker(pytest.mark.timeout(_limit(item, config) * PATIENCE), append=False)
    gc.freeze()  # modules and tests stay: to look through them again and again takes a twentieth of the time
    gc.set_threshold(50_000)
    if SHARE:
        config.pluginmanager.register(Sharing(Path(SHARE), items))


def _limit(item: pytest.Item, config: pytest.Config) -> float:
    """Seconds after which pytest ends a test: those of its mark, or of all tests."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0] if marker else config.getini("timeout"))


@pytest.fixture(autouse=True)
def _environment_stays() -> Iterator[None]:
    """A command that is called in this process sets variables, which later processes must not inherit."""
    before = environment.ours()
    yield
    for name in environment.ours().keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    network.offences.clear()
    yield
    assert not network.offences, f"the test tried to leave this machine: {network.offences}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The session's own database, the one that child processes open too."""
    if environment.database_kind() == "sqlite":
        with django_db_blocker.unblock():
            _new_database()
        yield
        return
    with servers.postgres(SCRATCH):
        with django_db_blocker.unblock():
            _new_database()
        yield
        with django_db_blocker.unblock():
            django.db.connections.close_all()


def _new_database() -> None:
    bring_up_to_date()
    Emptying().install()


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[servers.Valkey]:
    """A real Valkey where REDIS_URL points."""
    server = servers.Valkey(SCRATCH)
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: servers.Valkey) -> redis.Redis:
    """A client of the real Valkey, emptied for this test."""
    valkey_server.client.flushall()
    return valkey_server.client


@pytest.fixture
def archive() -> Path:
    """The folder behind the storage alias ``archive``, emptied for this test; child processes share it."""
    folder = Path(os.environ["CRAWLBEAT_ARCHIVE"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def processes(
    transactional_db: None, valkey: redis.Redis, archive: Path, tmp_path: Path
) -> Iterator[Processes]:
    """Starts real workers, beat and the site on this test's servers, and ends them after it."""
    started = Processes(tmp_path)
    yield started
    started.end()
