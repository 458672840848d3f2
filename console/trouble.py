"""What is said when the database fails a command."""

from __future__ import annotations

import sqlite3

from django.conf import settings
from django.db import DatabaseError

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def damaged(error: DatabaseError) -> bool:
    """Whether SQLite says that its file is no database (any more)."""
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _DAMAGED  # the rest of an extended code says where


def database_trouble(error: DatabaseError) -> str:
    """A sentence for people that says what to do."""
    if not damaged(error):
        return f"the database does not answer: {error}"
    name = settings.DATABASES["default"]["NAME"]
    return (
        f"the database {name} is damaged ({error}): stop what runs on it and restore a backup "
        "(docs/operations.md, 'Backup and restore')"
    )
