"""Whole files in a folder: the archive's storage when it is not S3."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

PARTS = ".parts"


class WholeFileStorage(FileSystemStorage):
    """Like S3: an object appears whole or not at all, and writing a key again replaces it.

    Data is written to a file in ``.parts`` (on the same file system), synced to the disk, and renamed. A
    writer that dies leaves only such a part, which :meth:`remove_parts` deletes.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: our keys are unique, and a second write has the same content."""
        return name

    def save_unsynced(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a file that need not outlive a power cut: it appears whole, but is not synced to the disk."""
        self._write(name, chunks, synced=False)

    def _save(self, name: str, content: File[bytes]) -> str:
        self._write(name, content.chunks(), synced=True)
        return name

    @property
    def _parts(self) -> Path:
        return Path(self.location) / PARTS

    def _write(self, name: str, chunks: Iterable[bytes], *, synced: bool) -> None:
        target = Path(self.path(name))
        part = self._parts / secrets.token_hex(16)
        try:
            self._write_part(part, chunks, synced=synced)
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
        finally:  # a part that is whole was renamed
            part.unlink(missing_ok=True)

    def _write_part(self, part: Path, chunks: Iterable[bytes], *, synced: bool) -> None:
        self._parts.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            file.writelines(chunks)
            file.flush()
            if synced:  # a committed row must not point at a file that a power cut empties
                os.fsync(file.fileno())

    def remove_parts(self, older_than: float) -> int:
        """Delete parts of dead writers that are older than so many seconds; returns how many."""
        stale = [part for part in self._parts.glob("*") if time.time() - part.stat().st_mtime > older_than]
        for part in stale:
            part.unlink(missing_ok=True)
        return len(stale)
