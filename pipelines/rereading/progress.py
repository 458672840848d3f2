"""How far rereadings are, and for which a worker is wanted."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import msgspec
from django.db.models import Exists, OuterRef, Q, Sum

from catalog.models import Rereading, RereadingPart
from pipelines import work_leases
from pipelines.work_leases import LeaseLost

AT_ONCE = 4  # parts of one rereading that are read at the same time
SAMPLE = 20  # reasons that are counted apart
ERROR_LENGTH = 500  # characters of an error that are kept
State = Rereading.State
log = logging.getLogger(__name__)
READ = (State.WAITING, State.READING)


class Progress(msgspec.Struct, kw_only=True):
    """Of one rereading."""

    state: str
    total: int
    read: int  # versions that it is done with, the unread ones among them
    unread: dict[str, int]  # versions that could not be read, by reason
    error: str = ""  # what hinders it now, or what is missing in its result


def progress_of(rereading: Rereading) -> Progress:
    """The sums over its parts; when these are deleted, what was kept of them."""
    read, unread = rereading.read, rereading.unread
    if rereading.parts.exists():
        read, unread = _sums(rereading)
    return Progress(
        state=rereading.state, total=rereading.total, read=read, unread=unread, error=rereading.error
    )


def _sums(rereading: Rereading) -> tuple[int, dict[str, int]]:
    parts = rereading.parts.all()
    lists = parts.exclude(unread=[]).values_list("unread", flat=True)
    unread = Counter(reason for of_part in lists for _, reason in of_part)
    read = parts.aggregate(read=Sum("read"))["read"] or 0
    return read, dict(unread.most_common(SAMPLE))


def missing_in(rereading: Rereading) -> str:
    """What is to be said of versions that could not be read; empty if all were."""
    unread = sum(progress_of(rereading).unread.values())
    if not unread:
        return ""
    return f"{unread:,} of {rereading.total:,} versions could not be read: records on their pages stay."


@dataclass
class Hindrance:
    """The error with which a piece of work ended, if it did."""

    error: Exception | None = None


@contextmanager
def hindrance_shown(rereading_id: int) -> Iterator[Hindrance]:
    """Work under a lease. An error is logged and shown on the row; the work is taken up again later."""
    hindrance = Hindrance()
    try:
        yield hindrance
    except LeaseLost:
        log.warning("work of rereading %s was taken over by another worker", rereading_id)
    except Exception as error:  # whatever it is: it must neither stop other parts nor come back unseen
        log.exception("rereading %s cannot go on now", rereading_id)
        hindrance.error = error
        text = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
        Rereading.objects.filter(pk=rereading_id).update(error=text)


def rereadings_to_read(now: datetime) -> list[tuple[int, int]]:
    """Rereadings with parts that no worker reads, and how many more workers each may have."""
    wanted = []
    for rereading in Rereading.objects.filter(state__in=READ).order_by("pk"):
        parts = RereadingPart.objects.filter(rereading=rereading, done=False)
        held = parts.filter(work_leases.held(now)).count()
        free = parts.count() - held
        if free and held < AT_ONCE:
            wanted.append((rereading.pk, min(free, AT_ONCE - held)))
    return wanted


def rereadings_to_do(now: datetime) -> list[int]:
    """Rereadings that wait for the step before or after reading, and that no worker has."""
    open_parts = RereadingPart.objects.filter(rereading=OuterRef("pk"), done=False)
    all_read = Q(state=State.READING) & ~Exists(open_parts)
    others = Q(state__in=[State.WAITING, State.PROMOTING, State.PROMOTED, State.DROPPED])
    wanted = Rereading.objects.filter(all_read | others, finished_at=None).exclude(
        work_leases.held(now), lease_until__isnull=False
    )
    return list(wanted.order_by("pk").values_list("pk", flat=True))


def unread_of(rereading: Rereading, most: int) -> list[tuple[int, str]]:
    """The first versions that could not be read, each with its reason; known until the rereading is over."""
    lists = rereading.parts.exclude(unread=[]).order_by("pk").values_list("unread", flat=True)
    versions = ((snapshot, reason) for unread in lists.iterator() for snapshot, reason in unread)
    return list(islice(versions, most))


def is_comparing(rereading: Rereading) -> bool:
    """Whether all parts are read, and records are being compared."""
    return rereading.state == State.READING and not rereading.parts.filter(done=False).exists()
