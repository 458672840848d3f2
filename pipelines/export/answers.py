"""The WARC records of stored versions, as they lie in the archive."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import BinaryIO, NamedTuple

from catalog.models import Snapshot
from pipelines import archive
from pipelines.export.slices import Row

PRUNED = "it has been deleted meanwhile"

log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """A row of raw answers with its WARC record, a gzip member. Without one, ``missing`` says why."""

    row: Row
    member: bytes
    missing: str = ""


class _Lies(NamedTuple):
    """Where the record of a row lies."""

    folder: str
    offset: int
    length: int
    row: Row


def answers_of(part: Sequence[Row]) -> Iterator[Answer]:
    """The answers of some rows, those that are missing first, then segment by segment."""
    rows = {row["version"]: row for row in part}
    versions = Snapshot.objects.filter(pk__in=rows).values_list("batch__folder", "offset", "length", "pk")
    lies = [_Lies(folder, offset, length, rows.pop(pk)) for folder, offset, length, pk in versions]
    yield from (Answer(row, b"", PRUNED) for row in rows.values())
    for folder, some in groupby(sorted(lies, key=attrgetter("folder", "offset")), attrgetter("folder")):
        yield from _in_segment(folder, list(some))


def _in_segment(folder: str, lies: Sequence[_Lies]) -> Iterator[Answer]:
    try:
        with archive.open_segment(folder) as segment:
            yield from (_read(segment, each) for each in lies)
    except archive.ObjectMissing as error:
        log.error("raw answers are left out: %s", error)
        yield from (Answer(each.row, b"", str(error)) for each in lies)


def _read(segment: BinaryIO, lies: _Lies) -> Answer:
    try:
        return Answer(lies.row, archive.read_record_at(segment, lies.offset, lies.length))
    except archive.ObjectDamaged as error:
        log.error("a raw answer of %s is left out: %s", lies.row["final_url"], error)
        return Answer(lies.row, b"", str(error))
