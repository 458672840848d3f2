"""Room that deleted rows have left in SQLite's file, and the size of its journal meanwhile.

PostgreSQL does both by itself. A database that an earlier release has made gives nothing back before
``manage compact_database``, see docs/operations.md.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection

KEPT = 2_000  # free pages of 4 kB that are left for what is written next
AT_ONCE = 500  # pages that a transaction gives back
JOURNAL = 64 << 20  # bytes of the journal from which on a pass sees to it that it is begun anew
MOST = 4  # so many times that, and a pass goes on slowly until it is begun anew
PATIENCE = 200  # milliseconds that this waits for readers
PAUSE = 2.0  # seconds until it is tried again


def give_back() -> Iterator[object]:
    """Cut free pages off the file, some at a time."""
    if connection.vendor != "sqlite":
        return
    while (free := _pragma("freelist_count")) > KEPT:
        _pragma(f"incremental_vacuum({min(AT_ONCE, free - KEPT)})")
        if _pragma("freelist_count") >= free:  # the file was made without the map that this needs
            return
        yield free


class Journal:
    """SQLite's journal in a pass: begun anew when it is large, because readers that follow each other let it
    grow for ever.
    """

    def __init__(self) -> None:
        self._again_at = 0.0  # monotonic

    def bound(self) -> None:
        """Begin the journal anew if it is large; while readers prevent that, have the pass go on slowly."""
        size = journal_bytes() if connection.vendor == "sqlite" else 0
        if size < JOURNAL or time.monotonic() < self._again_at:
            return
        if not _begin_anew():
            self._again_at = time.monotonic() + PAUSE
            if size > MOST * JOURNAL:
                time.sleep(PAUSE)


def journal_bytes() -> int:
    """The size of SQLite's journal."""
    file = Path(f"{connection.settings_dict['NAME']}-wal")
    return file.stat().st_size if file.exists() else 0


def _begin_anew() -> bool:
    """Whether it could be done; writers wait meanwhile, so it is tried for a moment only."""
    _pragma(f"busy_timeout={PATIENCE}")
    try:
        return not _pragma("wal_checkpoint(TRUNCATE)")
    except OperationalError:
        return False
    finally:
        _pragma(f"busy_timeout={settings.SQLITE_PATIENCE}")


def _pragma(text: str) -> int:
    """Run a pragma to its end; its first number, or 0."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {text}")
        rows = cursor.fetchall()
    return int(rows[0][0]) if rows else 0
