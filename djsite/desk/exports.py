"""Exports: rows for a download or a file, and files that are made in the background."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.files import File

from catalog.models import Export
from pipelines import archive
from pipelines.export import Rows, blocks, rows_of, write_rows
from scheduler import dispatch

__all__ = ["Rows", "ask", "blocks", "open_file", "rows_of", "write_rows"]


def ask(export: Export, user: User) -> None:
    """Save what somebody asks for, and have the file made."""
    export.created_by = user
    export.save()
    dispatch.make_export(export)


def open_file(export: Export) -> File[Any]:
    """The file of an export that is done, to be read. Raises OSError when the archive does not have it."""
    return archive.storage().open(export.key, "rb")
