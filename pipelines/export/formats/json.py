"""JSON: one array with an object for each row, a line each (RFC 8259)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

import msgspec

from pipelines.export.cells import flat_row
from pipelines.export.columns import Column
from pipelines.export.slices import Row

_ENCODER = msgspec.json.Encoder()


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> Writer:
    """Begin the array."""
    file.write(b"[")
    return Writer(file)


def read_cells(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The cells of each row by column, as in other formats."""
    return map(flat_row, msgspec.json.decode(file.read()))


class Writer:
    """An object for each row."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._between = b"\n"

    def write(self, part: list[Row]) -> None:
        for row in part:
            self._file.write(self._between + _ENCODER.encode(row))
            self._between = b",\n"

    def close(self) -> None:
        """End the array."""
        self._file.write(b"\n]\n")
