"""Versions read from the archive: each is seen, or counted as unread with its reason."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import BinaryIO

from catalog.models import RereadingPart
from crawler.outcomes import Reason
from crawler.reading.extractor import Extractor
from crawler.reading.sources.source import Unreadable
from pipelines.archive import (
    ArchiveError,
    ObjectDamaged,
    ObjectMissing,
    open_segment,
    read_body_at,
    read_headers_at,
)
from pipelines.frontier.batches import STRIKES
from pipelines.parse.page import read_records
from pipelines.parse.stored import StoredBodies, StoredBody
from pipelines.rereading.sightings import Row, Seen

PATIENCE = 8  # errors of the archive, one after the other, after which what cannot be had is left out
NOT_IN_ARCHIVE = "not_in_archive"
DAMAGED = "damaged_in_archive"
OUT_OF_REACH = "archive_out_of_reach"
AGENT = "robots"  # of meta elements; whether a page may be kept was decided when it was stored

log = logging.getLogger(__name__)


@dataclass
class WhatWasRead:
    """Of some versions."""

    seen: list[Seen] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)  # ids, with reasons
    gave_up: bool = False  # on versions that could have been read

    def give_up(self, versions: Iterable[Row], reason: str) -> None:
        """Leave versions out that may be as they should be."""
        self.unread += [(version.id, reason) for version in versions]
        self.gave_up = True


def read_versions(
    part: RereadingPart, extractor: Extractor, versions: Sequence[Row], what: WhatWasRead
) -> None:
    """Add what is read to ``what``. Raises :class:`pipelines.archive.ArchiveError` when the archive is out of
    reach, and the part has not had this too often.
    """
    reader = _Reader(part, extractor, what)
    for folder, group in groupby(versions, attrgetter("folder")):
        of_segment = list(group)
        try:
            reader.read_segment(folder, of_segment)
        except ArchiveError:
            if part.failures < PATIENCE:
                raise
            read = {each.version.id for each in what.seen} | {pk for pk, _ in what.unread}
            what.give_up((each for each in of_segment if each.id not in read), OUT_OF_REACH)


@dataclass
class _Reader:
    part: RereadingPart
    extractor: Extractor
    what: WhatWasRead

    def read_segment(self, folder: str, versions: Sequence[Row]) -> None:
        """Versions whose bodies are in one segment: it is opened once."""
        with ExitStack() as stack:
            segment = _opened(stack, folder)
            for version in versions:
                if self.part.quarantined.count(version.id) >= STRIKES:
                    self._skip(version, Reason.PARSER_KILLED)
                    continue
                if self.part.attempts > 1:
                    RereadingPart.objects.filter(pk=self.part.pk).update(suspect=version.id)
                try:
                    stored = self._stored(segment, version)
                except ObjectMissing:
                    self._skip(version, NOT_IN_ARCHIVE)
                except ObjectDamaged:
                    self._skip(version, DAMAGED)
                else:
                    self._read(version, stored)

    def _stored(self, segment: BinaryIO | None, version: Row) -> StoredBody:
        """The body of a version."""
        asks = self.extractor.asks_for_headers
        if segment is None:
            return StoredBodies([version.id]).read(version.id, headers=asks)
        body = read_body_at(segment, version.offset, version.length)
        headers = read_headers_at(segment, version.offset, version.length) if asks else ()
        return StoredBody(body, version.content_type, headers)

    def _read(self, version: Row, stored: StoredBody) -> None:
        """A page that cannot be read is counted with its reason, and costs no other."""
        try:
            records = read_records(stored, version.final_url, self.extractor, AGENT, [])
        except Unreadable:
            self._skip(version, Reason.UNREADABLE)
        except MemoryError:
            self._skip(version, Reason.PARSER_KILLED)
        except Exception:  # a page may be written so that a parser fails in any way
            log.exception("version %s cannot be read again", version.id)
            self._skip(version, Reason.INTERNAL_ERROR)
        else:
            self.what.seen.append(Seen(version, tuple(records)))

    def _skip(self, version: Row, reason: str) -> None:
        self.what.unread.append((version.id, reason))


def _opened(stack: ExitStack, folder: str) -> BinaryIO | None:
    """A segment; None if it is not there, as pruning may have copied what is needed to another folder."""
    try:
        return stack.enter_context(open_segment(folder))
    except ObjectMissing:
        return None
