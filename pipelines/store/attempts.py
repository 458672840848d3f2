"""Attempts to store a batch: counted before the work begins, so that one that ended half-way is known.

The first attempt stores all visits together. A later one means that a store ended half-way: its process died
or was ended because it stood still, or the program failed. Then visits are stored one by one, and each is
named in ``Batch.suspect`` before: so the next attempt knows on which one the last ended, and adds it to
``Batch.store_quarantined``. A visit that is there twice is set aside: it fails, and nothing of it is read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from threading import Lock

import msgspec
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import F, QuerySet

from catalog.models import Batch, Visit
from crawler.outcomes import Reason
from pipelines import archive
from pipelines.archive import ArchiveError
from pipelines.frontier.batches import STRIKES
from pipelines.handover import Fetched, Parsed

MOST = 6  # attempts after which all visits are set aside: what kills the store is none of them

_alone = Lock()

log = logging.getLogger(__name__)


class NotParsed(Exception):
    """The batch has not been parsed yet: its parse must run first."""


@contextmanager
def counted(batch: Batch, now: datetime) -> Iterator[None]:
    """Count an attempt, committed before the work inside; what says nothing about a page is forgiven.

    Of the batches on which a store ended half-way, a process works on one at a time: so when it ends again,
    no other has a suspect.
    """
    with _alone if batch.store_attempts else nullcontext():
        _count(batch, now)
        try:
            yield
        except (NotParsed, ArchiveError, OperationalError, InterfaceError):
            with suppress(DatabaseError):
                _in_flight(batch).update(store_attempts=F("store_attempts") - 1, suspect=None)
            raise


def _count(batch: Batch, now: datetime) -> None:
    due_at = now + timedelta(seconds=settings.BATCH_DUE_SECONDS)
    _in_flight(batch).update(store_attempts=F("store_attempts") + 1, due_at=due_at)
    batch.refresh_from_db(fields=["store_attempts", "suspect", "store_quarantined"])
    if batch.suspect is not None:
        log.error("a store ended on visit %s", batch.suspect)
        batch.store_quarantined = [*batch.store_quarantined, batch.suspect]
        batch.suspect = None
        _in_flight(batch).update(store_quarantined=batch.store_quarantined, suspect=None)


def _in_flight(batch: Batch) -> QuerySet[Batch]:
    return Batch.objects.filter(pk=batch.pk).exclude(state=Batch.State.STORED)


def is_first(batch: Batch) -> bool:
    """Whether no store of this batch has ended half-way."""
    return batch.store_attempts <= 1


def is_hopeless(batch: Batch) -> bool:
    """Whether so many stores ended half-way that all its visits are to be set aside."""
    return batch.store_attempts > MOST + STRIKES * len(set(batch.store_quarantined))


def suspected(batch: Batch, fetched: Fetched) -> Fetched:
    """The visit, after it was named as the next suspect; set aside if two stores ended on it."""
    if batch.store_quarantined.count(fetched.visit_id) >= STRIKES:
        return _set_aside(fetched)
    if not is_first(batch):
        _in_flight(batch).update(suspect=fetched.visit_id)
    return fetched


def _set_aside(fetched: Fetched) -> Fetched:
    """Its fetch as one that failed for good, with nothing that leads anywhere."""
    return msgspec.structs.replace(
        fetched,
        reason=Reason.STORE_KILLED,
        transient=False,
        location=None,
        unchanged=False,
        read_again=None,
        sitemaps=(),
    )


def all_set_aside(batch: Batch, now: datetime) -> list[Fetched]:
    """The same for every visit of a batch, by the rows alone."""
    visits = Visit.objects.filter(batch=batch, state=Visit.State.FETCHED).order_by("pk")
    return [
        Fetched(
            visit_id=visit.pk,
            run_id=visit.run_id,
            url=visit.url,
            depth=visit.depth,
            hops=visit.hops,
            attempts=visit.attempts,
            status=None,
            reason=Reason.STORE_KILLED,
            transient=False,
            location=None,
            elapsed_ms=0,
            fetched_at=now.timestamp(),
        )
        for visit in visits
    ]


def read_parsed(batch: Batch, now: datetime) -> dict[int, Parsed]:
    """What parse has read, by visit id. If that is gone or of another release, the batch is parsed again."""
    try:
        read = archive.load(archive.read_object(batch.folder, archive.PARSED), Parsed)
    except (archive.ObjectMissing, archive.ObjectDamaged) as error:
        again = Batch.objects.filter(pk=batch.pk, state=Batch.State.PARSED)
        again.update(state=Batch.State.FETCHED, due_at=now)
        raise NotParsed(f"what parse has read of batch {batch.pk} is not there: {error}") from error
    return {parsed.visit_id: parsed for parsed in read}
