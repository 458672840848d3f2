"""The versions of some pages, read by one worker: a part. It goes on where the last whole slice ended."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from time import monotonic

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q, QuerySet

from catalog.models import Rereading, RereadingPart
from crawler.collections import Collection
from crawler.outcomes import Reason
from crawler.reading.extractor import Extractor, compile_collections
from pipelines import work_leases
from pipelines.rereading.bodies import PATIENCE, WhatWasRead, read_versions
from pipelines.rereading.progress import hindrance_shown
from pipelines.rereading.sightings import Cut, next_versions, write

SECONDS = 15.0  # after which a worker gives a part back, so that others get their turn
LAST_RESORT = PATIENCE + 3  # errors after which a slice is passed over as a whole

log = logging.getLogger(__name__)


def read_part(rereading_id: int, now: datetime, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Read some of a rereading's versions; whether there was a part that no other worker reads.

    Idempotent: what slices have written is committed with the place. A version on which two readers died is
    left out, as in :mod:`pipelines.parse.batch`. A part that ends with an error is tried again when its lease
    has run out, some times; then the versions that cannot be had are left out, with the reason.
    """
    while (taken := _take(rereading_id, now)) is None:
        if not _free(rereading_id, now).exists():
            return False
    part, token = taken
    with hindrance_shown(rereading_id) as hindrance:
        _Reader(part, token, now).read(stopping)
    if hindrance.error is not None:
        _count(part, token, hindrance.error)
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


def _count(part: RereadingPart, token: str, error: Exception) -> None:
    """Count an error. Nobody died, so no version is suspected; the part waits until its lease runs out.

    One of the database says nothing about the part: it will be there again.
    """
    counted = 0 if isinstance(error, OperationalError | InterfaceError) else 1
    held = RereadingPart.objects.filter(pk=part.pk, lease_token=token)
    held.update(failures=F("failures") + counted, suspect=None)


@dataclass
class _Reader:
    """A worker with its part."""

    part: RereadingPart
    token: str
    now: datetime

    def __post_init__(self) -> None:
        self._began = monotonic()
        self._row = RereadingPart.objects.filter(pk=self.part.pk)

    def read(self, stopping: Callable[[], bool]) -> None:
        """Slice after slice, until the part is done or it is time to end."""
        while cut := next_versions(self.part):
            self._read_slice(cut)
            if stopping() or monotonic() - self._began > SECONDS:
                break
        work_leases.give_back(self._row, self.token, done=not next_versions(self.part))

    @cached_property
    def _extractor(self) -> Extractor:
        return compile_collections(tuple(map(Collection.of, self.part.rereading.rule_set.rules)))

    def _read_slice(self, cut: Cut) -> None:
        """Read some versions, and write what was read together with the place."""
        part = self.part
        what = WhatWasRead()
        if part.failures > LAST_RESORT:
            what.give_up(cut.versions, Reason.INTERNAL_ERROR)
        else:
            read_versions(part, self._extractor, cut.versions, what)
        part.after, part.after_version = cut.page, cut.version
        part.read += len(cut.versions)
        part.unread = [*part.unread, *what.unread]
        part.attempts, part.failures = 0, part.failures if what.gave_up else 0
        now = self.now + timedelta(seconds=monotonic() - self._began)
        with transaction.atomic():
            work_leases.renew(
                self._row, self.token, now, after=part.after, after_version=part.after_version,
                read=part.read, unread=part.unread, attempts=0, failures=part.failures, suspect=None,
            )  # fmt: skip
            write(part.rereading, what.seen)
