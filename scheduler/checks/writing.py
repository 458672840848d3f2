"""Whether somebody has held the database's write lock for too long: then nobody else can write."""

from __future__ import annotations

import sqlite3

from django.conf import settings
from django.db import connection

from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.process import heartbeats

HELD_SECONDS = 120.0  # a transaction of ours takes seconds
_ADVICE = (
    "Look at what it does, and end it: on PostgreSQL with pg_terminate_backend(pid), else by stopping the "
    "process. Its transaction is rolled back, and its work is done again."
)
_LONG = """
SELECT pid, extract(epoch FROM clock_timestamp() - xact_start), left(query, 100) FROM pg_stat_activity
WHERE datname = current_database() AND backend_xid IS NOT NULL
      AND xact_start < clock_timestamp() - make_interval(secs => %s)
ORDER BY xact_start
"""


def write_lock(options: CheckOptions) -> Findings:
    """PostgreSQL names long transactions that have written; SQLite is tried, once signs of life are late."""
    if connection.vendor == "postgresql":
        yield from _long_transactions()
    elif _signs_are_late(options) and _is_locked(str(settings.DATABASES["default"]["NAME"])):
        yield Finding(
            "write-lock",
            "One process has held the write lock of the database for too long: nobody else can write.",
            _ADVICE,
        )


def _long_transactions() -> Findings:
    with connection.cursor() as cursor:
        cursor.execute(_LONG, [HELD_SECONDS])
        rows = cursor.fetchall()
    if rows:
        yield Finding(
            "write-lock",
            f"A transaction that has written lasts for {rows[0][1]:,.0f} s: others may wait for its locks.",
            _ADVICE,
            examples=[f"pid {pid}: {query}" for pid, _, query in rows[:EXAMPLES]],
        )


def _signs_are_late(options: CheckOptions) -> bool:
    """Whether the newest sign of life is late. Every process writes one, so then nobody could write."""
    newest = max((heart.seen_at for heart in options.hearts.values()), default=None)
    return newest is not None and newest < options.now - heartbeats.lost_after()


def _is_locked(name: str) -> bool:
    """Whether the write lock cannot be had within a second, by a connection of its own."""
    try:
        probe = sqlite3.connect(f"file:{name}?mode=rw", uri=True, timeout=1.0, isolation_level=None)
    except sqlite3.OperationalError:
        return False
    try:
        probe.execute("BEGIN IMMEDIATE")
        probe.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    finally:
        probe.close()
    return False
