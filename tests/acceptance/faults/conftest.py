"""One set of processes for all tests here: they heal themselves, that is the point."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.acceptance.faults.scene import Scene
from tests.harness.servers import Valkey


@pytest.fixture(scope="package")
def scene(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scene]:
    """The clock, a worker that fetches and stores, one that parses; ended and wiped after the last test."""
    valkey_server.client.flushall()
    archive = Path(os.environ["CRAWLBEAT_ARCHIVE"])
    shutil.rmtree(archive, ignore_errors=True)
    archive.mkdir(parents=True)
    with django_db_blocker.unblock():
        scene = Scene(tmp_path_factory.mktemp("faults"), valkey_server)
        try:
            yield scene
        finally:
            scene.end()
            call_command("flush", verbosity=0, interactive=False)
            connections.close_all()
