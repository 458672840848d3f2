"""JSON Lines: an object for each row (jsonlines.org)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

import msgspec

from pipelines.export.cells import flat_row
from pipelines.export.columns import Column
from pipelines.export.slices import Row

_ENCODER = msgspec.json.Encoder()


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> Writer:
    """Begin with the first row."""
    return Writer(file)


def read_cells(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The cells of each row by column, as in other formats."""
    return (flat_row(msgspec.json.decode(line)) for line in file)


class Writer:
    """A line for each row."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, part: list[Row]) -> None:
        self._file.write(_ENCODER.encode_lines(part))

    def close(self) -> None:
        """Nothing stands after the last row."""
