"""The parts of an export in the archive, until its file is made of them: rows as JSON Lines, packed by zstd.

Files of many formats cannot be joined as bytes, so parts are rows, whatever format the file will have.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import IO, Any, Self

import msgspec
import zstandard

from pipelines.archive import ObjectDamaged, open_object
from pipelines.export.slices import SLICE, Row

_LEVEL = 1
_BUFFER = 1_048_576  # bytes
Kept = Callable[[], object]  # called now and then: holds the lease


def folder_of(export_id: int) -> str:
    """The archive's folder with the parts of an export."""
    return f"exports/{export_id}"


class PartWriter:
    """Writes a part into a file, which stays open."""

    def __init__(self, file: IO[bytes]) -> None:
        self._packed: Any = zstandard.ZstdCompressor(level=_LEVEL).stream_writer(file, closefd=False)

    def write(self, rows: list[Row]) -> None:
        self._packed.write(msgspec.json.Encoder().encode_lines(rows))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._packed.close()


def read_part(file: Any, kept: Kept) -> Iterator[list[Row]]:
    """The rows of a part, some at a time. Raises :class:`pipelines.archive.ObjectDamaged`."""
    raw = zstandard.ZstdDecompressor().stream_reader(file, closefd=False)
    lines = io.BufferedReader(raw, _BUFFER)
    try:
        while some := list(islice(lines, SLICE)):
            kept()
            yield msgspec.json.decode(b"[%b]" % b",".join(some))
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ObjectDamaged(f"a part of the export cannot be read: {error}") from error


def read_parts(export_id: int, names: Sequence[str], kept: Kept) -> Iterator[list[Row]]:
    """The rows of all parts, one part after another. Raises :class:`pipelines.archive.ArchiveError`."""
    for name in names:
        with open_object(folder_of(export_id), name) as part:
            yield from read_part(part, kept)
