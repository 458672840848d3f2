"""The versions of some pages, read by one worker: a part. It goes on where the last whole slice ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from time import monotonic
from typing import BinaryIO

from django.db import transaction
from django.db.models import F, Q, QuerySet

from catalog.models import Page, Rereading, RereadingPart
from crawler.collections import Collection
from crawler.outcomes import Reason
from crawler.reading.extractor import compile_collections
from crawler.reading.sources.source import Unreadable
from pipelines import work_leases
from pipelines.archive import SEGMENT, ArchiveError, ObjectMissing, open_object, read_body_at, read_headers_at
from pipelines.frontier.batches import STRIKES
from pipelines.parse.page import read_records
from pipelines.parse.stored import StoredBodies, StoredBody
from pipelines.rereading.sightings import Row, Seen, versions_of, write
from pipelines.work_leases import LeaseLost

PAGES = 50  # read and written together
SECONDS = 15.0  # after which a worker gives a part back, so that others get their turn
NOT_IN_ARCHIVE = "not_in_archive"
AGENT = "robots"  # of meta elements; whether a page may be kept was decided when it was stored

log = logging.getLogger(__name__)


def read_part(rereading_id: int, now: datetime, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Read some of a rereading's versions; whether there was a part that no other worker reads.

    Idempotent: what slices have written is committed with the place. A version on which two readers died is
    left out, as in :mod:`pipelines.parse.batch`. Raises :class:`pipelines.archive.ArchiveError` when a
    segment cannot be opened although it is there: the part is tried again when its lease has run out.
    """
    while (taken := _take(rereading_id, now)) is None:
        if not _free(rereading_id, now).exists():
            return False
    part, token = taken
    try:
        _Reader(part, token, now).read(stopping)
    except LeaseLost:
        log.warning("part %s of rereading %s was taken over", part.pk, rereading_id)
    return True


def _free(rereading_id: int, now: datetime) -> QuerySet[RereadingPart]:
    reading = Q(rereading=rereading_id, rereading__state=Rereading.State.READING, done=False)
    return RereadingPart.objects.filter(reading).filter(Q(lease_until=None) | Q(lease_until__lte=now))


def _take(rereading_id: int, now: datetime) -> tuple[RereadingPart, str] | None:
    """A free part, its attempt counted before any work; the version on which the last one died is noted."""
    free = _free(rereading_id, now).order_by("pk").first()
    if free is None:
        return None
    row = RereadingPart.objects.filter(pk=free.pk, done=False)
    token = work_leases.take(row, now, attempts=F("attempts") + 1)
    if token is None:
        return None
    part = RereadingPart.objects.select_related("rereading__rule_set").get(pk=free.pk)
    if part.suspect is not None:
        log.error("a reader died on version %s", part.suspect)
        part.quarantined, part.suspect = [*part.quarantined, part.suspect], None
        row.update(quarantined=part.quarantined, suspect=None)
    return part, token


@dataclass
class _Reader:
    """A worker with its part."""

    part: RereadingPart
    token: str
    now: datetime

    def __post_init__(self) -> None:
        self._began = monotonic()
        self._row = RereadingPart.objects.filter(pk=self.part.pk)
        rules = tuple(map(Collection.of, self.part.rereading.rule_set.rules))
        self._extractor = compile_collections(rules)

    def read(self, stopping: Callable[[], bool]) -> None:
        """Slice after slice, until the part is done or it is time to end."""
        while pages := self._next_pages():
            self._read_slice(pages)
            if stopping() or monotonic() - self._began > SECONDS:
                break
        work_leases.give_back(self._row, self.token, done=not self._next_pages())

    def _next_pages(self) -> list[int]:
        pages = Page.objects.filter(
            seed=self.part.rereading.seed_id, pk__gt=self.part.after, pk__lte=self.part.last
        )
        return list(pages.order_by("pk").values_list("pk", flat=True)[:PAGES])

    def _read_slice(self, pages: Sequence[int]) -> None:
        """Read all versions of some pages, and write what was read together with the place."""
        versions = versions_of(self.part.rereading, pages)
        seen: list[Seen] = []
        unread: list[tuple[int, str]] = []
        for folder, group in groupby(versions, attrgetter("folder")):
            self._read_segment(folder, list(group), seen, unread)
        self.part.after, self.part.attempts = pages[-1], 0
        self.part.read += len(versions)
        self.part.unread = [*self.part.unread, *unread]
        now = self.now + timedelta(seconds=monotonic() - self._began)
        with transaction.atomic():
            work_leases.renew(
                self._row, self.token, now, after=pages[-1], read=self.part.read, unread=self.part.unread,
                attempts=0, suspect=None,
            )  # fmt: skip
            write(self.part.rereading, seen)

    def _read_segment(
        self, folder: str, versions: Sequence[Row], seen: list[Seen], unread: list[tuple[int, str]]
    ) -> None:
        """Versions whose bodies are in one segment: it is opened once."""
        with ExitStack() as stack:
            segment = _opened(stack, folder)
            for version in versions:
                if self.part.quarantined.count(version.id) >= STRIKES:
                    unread.append((version.id, Reason.PARSER_KILLED))
                    continue
                if self.part.attempts > 1:
                    self._row.update(suspect=version.id)
                try:
                    stored = self._stored(segment, version)
                except ArchiveError:
                    log.warning("version %s cannot be read from the archive", version.id, exc_info=True)
                    unread.append((version.id, NOT_IN_ARCHIVE))
                else:
                    self._read_one(version, stored, seen, unread)

    def _stored(self, segment: BinaryIO | None, version: Row) -> StoredBody:
        """The body of a version."""
        asks = self._extractor.asks_for_headers
        if segment is None:
            return StoredBodies([version.id]).read(version.id, headers=asks)
        body = read_body_at(segment, version.offset, version.length)
        headers = read_headers_at(segment, version.offset, version.length) if asks else ()
        return StoredBody(body, version.content_type, headers)

    def _read_one(
        self, version: Row, stored: StoredBody, seen: list[Seen], unread: list[tuple[int, str]]
    ) -> None:
        """A page that cannot be read is counted with its reason, and costs no other."""
        try:
            records = read_records(stored, version.final_url, self._extractor, AGENT, [])
        except Unreadable:
            unread.append((version.id, Reason.UNREADABLE))
        except MemoryError:
            unread.append((version.id, Reason.PARSER_KILLED))
        except Exception:  # a page may be written so that a parser fails in any way
            log.exception("version %s cannot be read again", version.id)
            unread.append((version.id, Reason.INTERNAL_ERROR))
        else:
            seen.append(Seen(version, tuple(records)))


def _opened(stack: ExitStack, folder: str) -> BinaryIO | None:
    """A segment; None if it is not there, as pruning may have copied what is needed to another folder."""
    try:
        return stack.enter_context(open_object(folder, SEGMENT))
    except ObjectMissing:
        return None
