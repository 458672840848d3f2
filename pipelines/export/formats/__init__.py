"""Rows as the bytes of a file, in the formats of :mod:`catalog.formats`: a :class:`Module` for each."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any, Protocol, cast

import zstandard

from catalog.formats import FORMATS
from crawler.plugs import load
from pipelines.export.columns import Column
from pipelines.export.slices import Row

BLOCK = 262_144  # bytes
MOST_WAITING = 4_000_000  # bytes in memory of a file that is sent while it is written


class Writer(Protocol):
    """A file that is being written."""

    def write(self, part: list[Row]) -> None:
        """Add some rows. Raises ValueError, with a sentence for people, if the format cannot hold them."""

    def close(self) -> None:
        """Add what stands after the last row; the file stays open."""


class Module(Protocol):
    """What the module of a format has."""

    def open_writer(self, file: IO[bytes], columns: Sequence[Column]) -> Writer:
        """Begin a file, as far as no row is needed.

        If the format is no text, the file has a name and a folder of its own, which is deleted with it.
        """

    def read_cells(self, file: IO[bytes]) -> Iterator[dict[str, Any]]:
        """The cells of each row of a file that was written so, by column."""


def read_cells(file: IO[bytes], form: str, compression: str = "") -> Iterator[dict[str, Any]]:
    """The cells of each row of a file that was written here, by column, as its format has them.

    Raises what the library of a format raises for a damaged file.
    """
    module: Module = load(FORMATS[form].module, ("open_writer", "read_cells"))
    return module.read_cells(_unpacked(file, compression))


def _unpacked(file: IO[bytes], compression: str) -> IO[bytes]:
    if compression == "gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if compression == "zst":
        stream = zstandard.ZstdDecompressor().stream_reader(file)
        return cast("IO[bytes]", io.BufferedReader(cast("Any", stream)))
    return file


def blocks(
    parts: Iterable[list[Row]], columns: Sequence[Column], form: str, compression: str = ""
) -> Iterator[bytes]:
    """The file of rows in pieces, with flat memory. ``form`` is the name of a format.

    Text comes while the rows are read; other files when all are written. Raises as :meth:`Writer.write`.
    """
    if FORMATS[form].streams:
        yield from _pieces(parts, columns, form, compression)
        return
    with tempfile.TemporaryDirectory() as folder, Path(folder, "draft").open("w+b") as draft:
        _write(draft, parts, columns, form)
        draft.seek(0)
        while block := draft.read(BLOCK):
            yield block


class _Pieces(io.RawIOBase):
    """What is written to it, until it is taken; on the disk if it is much at once."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = tempfile.SpooledTemporaryFile(MOST_WAITING)  # noqa: SIM115  closed with this

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._waiting.write(data)

    def take(self) -> Iterator[bytes]:
        """What was written since the last call."""
        self._waiting.seek(0)
        while block := self._waiting.read(MOST_WAITING):
            yield block
        self._waiting.seek(0)
        self._waiting.truncate()

    def close(self) -> None:
        self._waiting.close()
        super().close()


def _pieces(
    parts: Iterable[list[Row]], columns: Sequence[Column], form: str, compression: str
) -> Iterator[bytes]:
    with closing(_Pieces()) as pieces:
        file = _compressed(pieces, compression)
        writer = _open(file, columns, form)
        yield from pieces.take()
        for part in parts:
            writer.write(part)
            yield from pieces.take()
        writer.close()
        if compression:
            file.close()
        yield from pieces.take()


def _compressed(file: io.RawIOBase, compression: str) -> IO[bytes]:
    """The file that compresses into another. Equal rows make equal bytes: gzip's header has no time."""
    if compression == "gz":
        packed = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=cast("Any", file), mtime=0)
        return cast("IO[bytes]", packed)
    if compression == "zst":
        packer = zstandard.ZstdCompressor(level=3)
        return cast("IO[bytes]", packer.stream_writer(cast("Any", file), closefd=False))
    return cast("IO[bytes]", file)


def _write(file: IO[bytes], parts: Iterable[list[Row]], columns: Sequence[Column], form: str) -> None:
    with closing(_open(file, columns, form)) as writer:  # if it fails, too: it has files of its own
        for part in parts:
            writer.write(part)


def _open(file: IO[bytes], columns: Sequence[Column], form: str) -> Writer:
    module: Module = load(FORMATS[form].module, ("open_writer",))
    return module.open_writer(file, columns)
