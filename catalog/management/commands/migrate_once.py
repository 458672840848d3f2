"""``manage.py migrate_once``: wait for the servers, then migrate under a lock."""

from __future__ import annotations

import fcntl
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from catalog.errors import NewerData
from catalog.schema import refuse_newer_data

ADVISORY_LOCK = 0x63726177  # "craw": any number that no other lock of this database uses


class Command(BaseCommand):
    """Any number of containers may run this when they start: one migrates, the others wait for it."""

    help = "Waits for the database and Redis, then applies migrations; safe when many start together."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", type=float, default=60.0, help="seconds to wait for the servers")

    def handle(self, *args: Any, **options: Any) -> None:
        Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + options["wait"]
        self._await("the database", connection.ensure_connection, OperationalError, deadline)
        client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)
        self._await("Redis", client.ping, redis.RedisError, deadline)
        client.close()
        with _alone():
            try:
                refuse_newer_data()
            except NewerData as error:
                raise CommandError(str(error)) from error
            call_command("migrate", interactive=False, verbosity=options["verbosity"])

    def _await(self, name: str, ask: Callable[[], object], away: type[Exception], deadline: float) -> None:
        while True:
            try:
                ask()
            except away as error:
                if time.monotonic() > deadline:
                    raise CommandError(f"{name} does not answer: {error}") from error
                self.stderr.write(f"waiting for {name}")
                time.sleep(1)
            else:
                return


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the one migration lock; the server, or the kernel, frees it when this process ends in any way."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
        return
    with (Path(settings.DATA_DIR) / "migrate.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
