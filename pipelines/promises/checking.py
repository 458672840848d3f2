"""Checking promises: at each deadline, and when a run has ended that may mend a broken one.

A promise that breaks is told once, and again when it is kept. Its row is locked, so two workers tell it once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from catalog.models import Event, Promise
from pipelines.events.outages import lasted
from pipelines.events.rows import EventRow, write_events
from pipelines.promises.deadlines import deadline_after, deadlines_before
from pipelines.promises.shape import newest_run, reasons_of

AT_ONCE = 100  # promises that one sweep checks
MEASURED = timedelta(minutes=5)  # so long a deadline waits for a run to be measured that ended before it

log = logging.getLogger(__name__)


def check_due(now: datetime) -> None:
    """Check the promises whose deadline has come."""
    due = Promise.objects.filter(enabled=True, next_due_at__lte=now, seed__deleted_at=None)
    for promise_id in list(due.order_by("next_due_at").values_list("pk", flat=True)[:AT_ONCE]):
        try:
            _check(promise_id, now, at_deadline=True)
            _check(promise_id, now, at_deadline=False)  # a run may have mended it before anybody looked
        except ValueError:  # a zone that this machine does not know: the other promises are checked
            log.exception("promise %s cannot be checked", promise_id)


def check_seed(seed_id: int, now: datetime) -> None:
    """Check the broken promises of a seed once more: a run has ended, or a person has accepted a fall."""
    broken = Promise.objects.filter(seed=seed_id, broken_since__isnull=False)
    for promise_id in broken.values_list("pk", flat=True):
        _check(promise_id, now, at_deadline=False)


@transaction.atomic
def put_in_force(promise: Promise, now: datetime) -> None:
    """Save a promise as a person has written it. One that was broken is checked by what it says now.

    Raises:
        ValueError: its time zone or its days cannot be read.
    """
    promise.next_due_at = deadline_after(promise, now) if promise.enabled else None
    if promise.pk is not None:  # whether it is broken may have changed since it was read
        known = Promise.objects.select_for_update(no_key=True).get(pk=promise.pk)
        promise.broken_since, promise.reasons = known.broken_since, known.reasons
    if not promise.enabled:
        promise.broken_since, promise.reasons = None, []
    promise.save()
    check_seed(promise.seed_id, now)


@transaction.atomic
def _check(promise_id: int, now: datetime, *, at_deadline: bool) -> None:
    locked = Promise.objects.select_for_update(of=("self",)).filter(pk=promise_id, enabled=True)
    promise = locked.first()
    if promise is None or not (_is_due(promise, now) if at_deadline else promise.broken_since):
        return
    before, last = deadlines_before(promise, now)
    run = newest_run(promise, before, now if promise.broken_since else last)
    if at_deadline and run is not None and run.compared is None and now - last < MEASURED:
        return
    _judge(promise, reasons_of(promise, run, before), now)
    if at_deadline:
        promise.next_due_at = deadline_after(promise, now)
    promise.save(update_fields=["next_due_at", "broken_since", "reasons"])


def _is_due(promise: Promise, now: datetime) -> bool:
    return promise.next_due_at is not None and promise.next_due_at <= now


def _judge(promise: Promise, reasons: list[str], now: datetime) -> None:
    since, promise.reasons = promise.broken_since, reasons
    if reasons and since is None:
        promise.broken_since = now
        _tell(promise, Event.Kind.PROMISE_BROKEN, " ".join(reasons), now)
    elif since is not None and not reasons:
        promise.broken_since = None
        _tell(promise, Event.Kind.WELL_AGAIN, lasted(since, now), now)


def _tell(promise: Promise, kind: Event.Kind, detail: str, now: datetime) -> None:
    ends = Event.Kind.PROMISE_BROKEN if kind == Event.Kind.WELL_AGAIN else None
    event = EventRow(seed_id=promise.seed_id, kind=kind, at=now, detail=detail, ends=ends)
    event.collection, event.before = promise.collection, {"promise": promise.pk}
    write_events([event])
