"""The file that a command writes, complete or not at all, and its format."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from catalog.formats import FORMATS
from embedded.errors import Trouble, UsageError

STDOUT = "-"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Output:
    """A file, or standard output, as ``-o`` and ``--format`` name it. Made before any work, to fail early."""

    def __init__(self, name: str, form: str | None) -> None:
        self.name = name
        ending = Path(name).suffix.lstrip(".").lower()
        self.format = form or (next(iter(FORMATS)) if name == STDOUT else ending)
        if self.format not in FORMATS:
            endings = " or ".join(f".{each}" for each in FORMATS)
            raise UsageError(f"--format: {name!r} does not end in {endings}; say which it shall be")
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

    @contextmanager
    def open(self) -> Iterator[TextIO]:
        """A text file to write; it gets its name only when it is complete."""
        try:
            with self._opened() as file:
                yield file
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            raise Trouble(f"-o: {self.name} cannot be written: {error.strerror}") from error

    @contextmanager
    def _opened(self) -> Iterator[TextIO]:
        if self.name == STDOUT:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8", newline="")
            yield sys.stdout
            sys.stdout.flush()
            return
        path = Path(self.name)
        if path.exists() and not path.is_file():  # a pipe or a device
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                yield file
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
