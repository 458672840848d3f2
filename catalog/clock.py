"""The database's clock: leases and due times compare with it, so that no worker's clock matters."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone


def db_now() -> datetime:
    """Now, in UTC, by the database server (SQLite has no clock but this machine's)."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    result: datetime = now
    return result
