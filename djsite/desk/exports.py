"""Exports: rows for a download or a file, and files that are made in the background."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.core.files import File

from catalog.models import Export
from pipelines import archive
from pipelines.export import Rows, row_blocks, rows_of, write_export, write_rows
from pipelines.export.columns import TooMuch
from pipelines.export.verify import Verified, read_manifest, verify
from scheduler import dispatch

__all__ = [
    "Rows",
    "TooMuch",
    "Verified",
    "ask",
    "delete",
    "may_delete",
    "open_file",
    "read_manifest",
    "row_blocks",
    "rows_of",
    "verify",
    "write_export",
    "write_rows",
]


def ask(export: Export, user: User) -> None:
    """Save what somebody asks for, and have the file made."""
    export.created_by = user
    export.save()
    dispatch.make_export(export)


def may_delete(user: User | AnonymousUser, export: Export) -> bool:
    """Who asked for a file deletes it, and so do those who change seeds."""
    return export.created_by_id == user.pk or user.has_perm("catalog.change_seed")


def delete(export: Export) -> None:
    """Delete an export with its file. A worker that makes it finds no row and stops; its parts are pruned."""
    key = PurePosixPath(export.key)
    export.delete()
    if key.name:
        with suppress(archive.ArchiveError):  # a prune finds what has no row
            archive.delete_object(str(key.parent), key.name)


def open_file(export: Export) -> File[Any]:
    """The file of an export that is done, to be read. Raises OSError when the archive does not have it."""
    return archive.storage().open(export.key, "rb")
