"""The parts of an export in the archive, until they are joined to its file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from pipelines.archive import open_object


def folder_of(export_id: int) -> str:
    """The archive's folder with the parts of an export."""
    return f"exports/{export_id}"


class Joined(io.RawIOBase):
    """The parts of an export one after another, as a file to read once. ``kept`` is called with each read."""

    def __init__(self, export_id: int, names: Sequence[str], kept: Callable[[], object]) -> None:
        super().__init__()
        self._folder = folder_of(export_id)
        self._names = list(names)
        self._kept = kept
        self._open = ExitStack()
        self._part: Any = io.BytesIO()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """As :meth:`io.RawIOBase.readinto`. Raises :class:`pipelines.archive.ArchiveError`."""
        self._kept()
        while not (data := self._part.read(len(buffer))) and self._names:
            self._open.close()
            self._part = self._open.enter_context(open_object(self._folder, self._names.pop(0)))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._open.close()
        super().close()
