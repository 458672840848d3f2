"""Turns: what one transaction at a time may do. In SQLite there is one writer anyway."""

from __future__ import annotations

from django.db import connection

NUMBER_SETS = 7_205_759  # PostgreSQL's advisory locks, ours alone
MATCH_EVENTS = 7_205_760


def wait_for_turn(lock: int) -> None:
    """Until no other transaction has this turn; it ends with the transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
