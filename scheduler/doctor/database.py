"""The database: version, room for connections, clock, migrations."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from catalog.clock import db_now
from catalog.errors import NewerData
from catalog.models import Heartbeat
from catalog.schema import refuse_newer_data
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings, Level

MIGRATIONS = "migrations"
OLDEST_POSTGRESQL = 150000  # 15.0, in the numbers that the server uses
OLDEST_SQLITE = (3, 38, 0)  # the first with ->> on by default
MAX_SKEW = 2.0  # seconds
FULL = 0.9
BESIDE_WORKERS = 20  # connections besides those of workers: the site, beat, people


def check(options: CheckOptions) -> Findings:
    """The server itself."""
    yield from _postgresql() if connection.vendor == "postgresql" else _sqlite()
    yield from _clock(timezone.now(), db_now())


def check_tables(options: CheckOptions) -> Findings:
    """Migrations that were not made yet, or that are unknown. Checks that read rows come after this one."""
    try:
        refuse_newer_data()
    except NewerData as error:
        yield Finding("data-newer", f"{str(error).capitalize()}.", "Start nothing of this release on them.")
    executor = MigrationExecutor(connection)
    waiting = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if waiting:
        yield Finding(
            MIGRATIONS,
            f"Migrations of the tables that were not made: {len(waiting)}.",
            "Run 'crawlbeat manage migrate'; 'crawlbeat up' and the containers do it when they start.",
            examples=waiting[:EXAMPLES],
        )
    elif connection.vendor == "postgresql":
        yield from _connections()


def _sqlite() -> Findings:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        yield Finding(
            "sqlite-version",
            f"SQLite is {sqlite3.sqlite_version}; 3.38 is needed.",
            "Use a newer Python, or PostgreSQL with DATABASE_URL.",
        )
    mode = _value("PRAGMA journal_mode")
    if mode != "wal":
        yield Finding(
            "sqlite-journal",
            f"SQLite's journal mode is {mode}, not wal: readers and the writer wait for each other.",
            "Keep the data folder on a local disk: network file systems have no shared memory.",
        )


def _postgresql() -> Findings:
    version = int(_value("SHOW server_version_num"))
    if version < OLDEST_POSTGRESQL:
        yield Finding(
            "postgresql-version",
            f"PostgreSQL is {_value('SHOW server_version')}; 15 or newer is needed.",
            "Bring it up to date.",
        )


def _connections() -> Findings:
    """Whether the server allows all connections that the living processes may open."""
    room = int(_value("SHOW max_connections")) - int(_value("SHOW superuser_reserved_connections"))
    used = int(_value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"))
    workers = Heartbeat.objects.filter(name__contains="@").values_list("info", flat=True)
    needed = sum(map(_connections_of, workers)) + BESIDE_WORKERS
    if used > FULL * room:
        yield Finding(
            "database-connections",
            f"PostgreSQL has {used} of at most {room} connections; beyond that nobody gets in.",
            "Raise max_connections, or run fewer workers.",
        )
    elif needed > room:
        yield Finding(
            "database-limit",
            f"The workers that live may ask for some {needed} connections; PostgreSQL allows {room}.",
            "Raise max_connections, or lower CRAWLBEAT_POOL or the number of workers.",
            Level.NOTE,
        )


def _connections_of(info: dict[str, Any]) -> int:
    slots = int(info.get("slots") or 1)
    return settings.POOL if "thread" in str(info.get("pool")) else slots + 1


def _clock(ours: datetime, theirs: datetime) -> Findings:
    skew = abs((ours - theirs).total_seconds())
    if skew > MAX_SKEW:
        yield Finding(
            "clock",
            f"This machine's clock and the database's differ by {skew:,.0f} s; pauses between requests to a "
            "host may be that much too long or too short.",
            "Have both follow the same time server.",
        )


def _value(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        (value,) = cursor.fetchone()
    return value
