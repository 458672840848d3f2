"""The manifest of a file: what it holds, of when and of what, and by which a reader can check it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from catalog.models import Export
from pipelines.changes.numbering import number_sets
from pipelines.export.columns import Column
from pipelines.export.slices import moment_text


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a manifest, to check its file."""

    kind: str
    format: str
    compression: str | None
    run: int | None
    rows: int
    bytes: int
    sha256: str
    columns: list[Column]


class Made(io.RawIOBase):
    """A file, as it is made, to read once: counts its bytes and takes their checksum."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        super().__init__()
        self._blocks: Iterator[bytes] = iter(blocks)
        self._left = memoryview(b"")
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of what was read so far, in hex."""
        return self._hash.hexdigest()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """As :meth:`io.RawIOBase.readinto`. Raises what the making raises."""
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = memoryview(block)
        some = self._left[: len(buffer)]
        buffer[: len(some)] = some
        self._left = self._left[len(some) :]
        self._hash.update(some)
        self.size += len(some)
        return len(some)


def begun(export: Export, now: datetime) -> dict[str, Any]:
    """What is known before the first row is read.

    ``cursor``: of the feed of changes (:mod:`pipelines.changes`). What comes up to it is in the file;
    what comes after it may be.
    """
    seed = export.run.seed if export.run else export.seed
    return {
        "kind": export.kind,
        "format": export.format,
        "compression": export.compression or None,
        "seed": None if seed is None else {"id": seed.pk, "name": seed.name},
        "run": export.run_id,
        "as_of": moment_text(export.as_of),
        "filters": {"every_outcome": export.every_outcome, "query": export.query},
        "begun_at": moment_text(now),
        "cursor": str(number_sets()),
    }


def ended(columns: Sequence[Column], rows: int, made: Made) -> dict[str, Any]:
    """What is known once the file is made."""
    return {
        "rows": rows,
        "bytes": made.size,
        "sha256": made.sha256,
        "columns": msgspec.to_builtins(columns),
    }
