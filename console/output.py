"""The file that a command writes, complete or not at all, its format, and how it is compressed."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from catalog.formats import DEFAULT_FORMAT, FORMATS, format_of
from embedded.errors import Trouble, UsageError

STDOUT = "-"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Output:
    """A file, or standard output, as ``-o`` and ``--format`` name it. Made before any work, to fail early."""

    def __init__(self, name: str, form: str | None, compression: str | None = None) -> None:
        self.name = name
        by_name, packed = format_of(Path(name).name) if name != STDOUT else (FORMATS[DEFAULT_FORMAT], "")
        self.format = form or (by_name.name if by_name else "")
        if not self.format and name.lower().endswith(".warc"):
            raise UsageError(f"-o: WARC is written compressed; name it {name}.gz")
        if not self.format:
            endings = " or ".join(dict.fromkeys(f".{each.ending}" for each in FORMATS.values()))
            raise UsageError(f"--format: {name!r} does not end in {endings}; say which it shall be")
        self.compression = packed if compression is None else compression
        if self.compression and not FORMATS[self.format].compressible:
            raise UsageError(f"--compress: {self.format} is compressed in itself; leave it out")
        if name != STDOUT:
            self._check()

    def _check(self) -> None:
        path = Path(self.name)
        if path.is_dir():
            raise UsageError(f"-o: {self.name} is a folder")
        if not path.parent.is_dir():
            raise UsageError(f"-o: there is no folder {path.parent}")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise UsageError(f"-o: {self.name} cannot be written")

    def write_beside(self, ending: str, data: bytes) -> None:
        """Write another file whose name is this one's and an ending; none if the output is no file."""
        if self.name != STDOUT and Path(self.name).is_file():
            with Output(f"{self.name}.{ending}", self.format, "").open() as file:
                file.write(data)

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """A binary file to write; it gets its name only when it is complete."""
        try:
            with self._opened() as file:
                yield file
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            raise Trouble(f"-o: {self.name} cannot be written: {error.strerror}") from error

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        if self.name == STDOUT:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        path = Path(self.name)
        if path.exists() and not path.is_file():  # a pipe or a device
            with path.open("wb") as file:
                yield file
            return
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                yield file
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
