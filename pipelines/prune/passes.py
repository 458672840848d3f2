"""A pass: some seconds of deleting, by one worker at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings

from catalog.models import Chore
from pipelines import work_leases
from pipelines.prune import leftovers, rows, segments, space, telling, versions
from pipelines.work_leases import LeaseLost

CHORE = "prune"
API_WRITES_KEPT = timedelta(days=1)  # that the answer to a write with an idempotency key is kept
FORECASTS_KEPT = timedelta(days=90)  # a season; the last one of a seed is kept as long as the seed
EVENTS_KEPT = timedelta(days=400)  # more than a year: what was told last season can be looked up
RENEW_SECONDS = 5.0  # how often the lease is renewed

log = logging.getLogger(__name__)


def prune(now: datetime, *, seconds: float = 20.0) -> bool:
    """Delete until all is done (True) or the time is over (False: another call continues)."""
    end = monotonic() + seconds
    return all(monotonic() < end for _ in _steps(now))


def prune_in_turn(now: datetime, token: str = "", *, seconds: float = 20.0) -> str:
    """A pass, if no other worker makes one. Returns a token while there is more, else nothing.

    The worker that gets the token back makes the next pass: until then the lease is held, so passes that are
    asked for meanwhile end at once, and there is never more than one chain of them.
    """
    chore = Chore.objects.filter(name=CHORE)
    Chore.objects.get_or_create(name=CHORE)
    token = token or work_leases.take(chore, now) or ""
    if not token:
        return ""
    try:
        if not _pass(chore, token, now, seconds):
            return token
        work_leases.give_back(chore, token)
    except LeaseLost:
        log.info("another worker prunes")
    return ""


def _pass(chore: work_leases.Row, token: str, now: datetime, seconds: float) -> bool:
    work_leases.renew(chore, token, now)
    began = renewed = monotonic()
    for _ in _steps(now):
        at = monotonic()
        if at - renewed > RENEW_SECONDS or at - began > seconds:
            work_leases.renew(chore, token, now + timedelta(seconds=at - began))
            renewed = at
        if at - began > seconds:
            return False
    return True


def seeds_wait(now: datetime) -> bool:
    """Whether there is a deleted seed to be pruned and no worker that does it."""
    held = Chore.objects.filter(work_leases.held(now), name=CHORE)
    return rows.doomed_seeds(now).exists() and not held.exists()


def _steps(now: datetime) -> Iterator[object]:
    """All the work in small pieces; each is committed when it is yielded."""
    journal = space.Journal()
    for step in _work(now):
        yield step
        journal.bound()


def _work(now: datetime) -> Iterator[object]:
    yield from rows.old_visits(now - timedelta(days=settings.VISIT_RETENTION_DAYS))
    yield from rows.old_runs(now - timedelta(days=settings.RUN_RETENTION_DAYS))
    yield from rows.old_exports(now - timedelta(days=settings.EXPORT_RETENTION_DAYS))
    yield from rows.old_shipments(now - timedelta(days=settings.EXPORT_RETENTION_DAYS))
    yield from rows.old_api_writes(now - API_WRITES_KEPT)
    yield from rows.old_forecasts(now - FORECASTS_KEPT)
    yield from rows.old_events(now - EVENTS_KEPT)
    yield from telling.old_messages(now - timedelta(days=telling.DAYS))
    yield from telling.surplus()
    yield from rows.deleted_seeds(now)
    yield from versions.old_versions(now)
    yield from segments.empty_segments()
    yield from segments.sparse_segments(now)
    yield from leftovers.orphan_folders(now - leftovers.GRACE)
    yield from leftovers.orphan_exports()
    yield from leftovers.orphan_shipments(now - leftovers.GRACE)
    yield leftovers.dead_parts()
    yield from space.give_back()
