"""WARC/1.1 (ISO 28500:2017): the stored answers as they lie in the archive, each record a gzip member.

What the archive does not have any more is a metadata record that says so.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from typing import IO, Any, cast

from pipelines.archive import SegmentWriter
from pipelines.export.answers import Answer, answers_of
from pipelines.export.columns import Column
from pipelines.export.slices import Row

_ROWS = (b"response", b"metadata")  # the types of records that stand for a row


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> Writer:
    """Begin with a record that names the program."""
    return Writer(file)


def read_cells(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Address and time of each record that stands for a row."""
    records = cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    while records.readline():
        head = dict(_fields(records))
        records.read(int(head[b"content-length"]) + 4)
        if head[b"warc-type"] in _ROWS:
            yield {"url": head[b"warc-target-uri"].decode(), "fetched_at": head[b"warc-date"].decode()}


def _fields(records: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    while line := records.readline().strip():
        name, _, value = line.partition(b":")
        yield name.lower(), value.strip()


class Writer:
    """A record for each row."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._segment = file, SegmentWriter()
        self.size = file.write(self._segment.take())

    def write(self, part: list[Row]) -> None:
        for answer in answers_of(part):
            self.add(answer)

    def add(self, answer: Answer) -> tuple[int, int]:
        """Add one; where it lies in the file: offset and length."""
        offset = self.size
        if answer.missing:
            self._segment.add_missing(answer.row["final_url"], answer.row["fetched_at"], answer.missing)
        else:
            self._segment.copy(answer.member)
        self.size += self._file.write(self._segment.take())
        return offset, self.size - offset

    def close(self) -> None:
        """Nothing stands after the last record."""
