"""The scratch environment of one test session, set before Django reads its settings.

Nothing of the caller's environment reaches the settings: a test run never touches a real database.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIME_SCALE = "0.1"  # a lease of 30 s becomes 3 s, a back-off of 5 s becomes 0.5 s
_OURS = ("CRAWLBEAT_", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_", "CELERY_", "C_FORCE_ROOT")
_KEPT = {"CRAWLBEAT_TEST_DATABASE", "CRAWLBEAT_TEST_PICTURES", "CRAWLBEAT_PYTHON"}


class BadTestSetup(Exception):
    """The test session cannot be set up as asked; the message says why."""


def database_kind() -> str:
    """``sqlite`` or ``postgres``, from CRAWLBEAT_TEST_DATABASE."""
    kind = os.environ.get("CRAWLBEAT_TEST_DATABASE", "sqlite")
    if kind not in {"sqlite", "postgres"}:
        raise BadTestSetup(f"CRAWLBEAT_TEST_DATABASE is {kind!r}; it must be sqlite or postgres")
    return kind


def ours() -> dict[str, str]:
    """The variables of this process that a setting of the product may be read from."""
    return {name: value for name, value in os.environ.items() if name.startswith(_OURS)}


def prepare() -> Path:
    """Make the session's scratch folder, point every setting into it, and return it.

    The folder has mode 0700 and a short path, because it holds unix sockets (at most 104 bytes).
    """
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # below nohup, processes under test would ignore it too
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and this one in the background of a script
    scratch = Path(tempfile.mkdtemp(prefix="crawlbeat-test-"))
    for name in ours().keys() - _KEPT:
        del os.environ[name]
    if os.environ.pop("TEST_SSO", ""):  # the session of tests/sso
        os.environ["CRAWLBEAT_SSO"] = "yes"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes start: compile our code once
    data = scratch / "data"
    data.mkdir()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="djsite.settings",
        SECRET_KEY="of-the-tests-" + "x" * 50,
        CRAWLBEAT_SECRETS_KEYS="of-the-tests-" + "y" * 50,
        CRAWLBEAT_DATA=str(data),
        CRAWLBEAT_ARCHIVE=str(data / "archive"),
        CRAWLBEAT_TIME_SCALE=TIME_SCALE,
        CRAWLBEAT_CONTACT="https://example.org/crawler",
        REDIS_URL=f"unix://{scratch / 'valkey.sock'}",
    )
    if database_kind() == "postgres":
        os.environ["DATABASE_URL"] = f"postgres://crawlbeat@/{scratch / 'postgres'}/crawlbeat"
    return scratch


def child(**extra: str) -> dict[str, str]:
    """The environment of a process under test: this session's, the network guard, and ``extra``."""
    guard = ROOT / "tests" / "harness" / "child"
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(guard), str(ROOT)]), **extra}


def overridden(**settings: object) -> dict[str, str]:
    """Variables for a process that runs with other settings, which no variable of the product changes.

    ``overridden(SWEEP_SECONDS=600)``: the names and types are those of ``djsite.settings``.
    """
    return {"DJANGO_SETTINGS_MODULE": "tests.harness.settings", "TEST_SETTINGS": json.dumps(settings)}
