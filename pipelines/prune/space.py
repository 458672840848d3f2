"""Room that deleted rows have left in SQLite's file, and the size of its journal meanwhile.

PostgreSQL does both by itself. A database that an earlier release has made gives nothing back before
``manage compact_database``, see docs/operations.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection

KEPT = 2_000  # free pages of 4 kB that are left for what is written next
AT_ONCE = 500  # pages that a transaction gives back
JOURNAL = 64 << 20  # bytes of the journal from which on a pass sees to it that it is begun anew
PATIENCE = 1_000  # milliseconds that this waits for readers


def give_back() -> Iterator[object]:
    """Cut free pages off the file, some at a time."""
    if connection.vendor != "sqlite":
        return
    while (free := _pragma("freelist_count")) > KEPT:
        _pragma(f"incremental_vacuum({min(AT_ONCE, free - KEPT)})")
        if _pragma("freelist_count") >= free:  # the file was made without the map that this needs
            return
        yield free


def bound_journal() -> None:
    """Begin the journal anew when it is large: readers that follow each other would let it grow for ever."""
    if connection.vendor != "sqlite" or _journal_bytes() < JOURNAL:
        return
    _pragma(f"busy_timeout={PATIENCE}")
    try:
        _pragma("wal_checkpoint(TRUNCATE)")
    except OperationalError:  # others write just now; the next step tries again
        pass
    finally:
        _pragma(f"busy_timeout={settings.SQLITE_PATIENCE}")


def _journal_bytes() -> int:
    file = Path(f"{connection.settings_dict['NAME']}-wal")
    return file.stat().st_size if file.exists() else 0


def _pragma(text: str) -> int:
    """Run a pragma to its end; its first number, or 0."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {text}")
        rows = cursor.fetchall()
    return int(rows[0][0]) if rows else 0
