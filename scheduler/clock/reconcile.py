"""Reconciling: slots with schedules, the clock's entries with slots. The rows are the truth."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from redis import RedisError

from catalog.clock import db_now
from catalog.models import Heartbeat
from scheduler.clock import entries, planning, step_back
from scheduler.clock.step_back import HEART
from scheduler.process import heartbeats

logger = logging.getLogger(__name__)

REPORTED = timedelta(hours=1)  # how long a malformed entry stays in the health report
WHOLE_EVERY = 15  # times that entries are compared by their scores, they are compared as a whole once


def reconcile_entries() -> entries.Reconciled:
    """Plan the seeds that changed without a signal, and make RedBeat's entries match the rows.

    Idempotent; safe to run anywhere and at the same time. What it removed as malformed is kept for the
    health report. Raises ``redis.RedisError`` or ``django.db.DatabaseError`` when a server is away.
    """
    now = db_now()
    stepped = step_back.mend(now)
    return _reconcile(planning.plan_all(now) + stepped, now)


def keep_in_step() -> None:
    """:func:`reconcile_entries`, but only once in a while as a whole when nothing seems to be out of step.

    Raises as it does.
    """
    now = db_now()
    planned = step_back.mend(now) + planning.plan_all(now)
    if planned or _whole_is_due(now) or not entries.scores_match(now):
        _reconcile(planned, now)
    else:
        heartbeats.beat(HEART, now, **_last_sign())


def _reconcile(planned: int, now: datetime) -> entries.Reconciled:
    done = entries.reconcile(now)
    if planned or done:
        logger.info(
            "reconciled: %d planned, %d written, %d removed, %d malformed",
            planned, len(done.written), len(done.removed), len(done.broken),
        )  # fmt: skip
    reported = _reported(done.broken, now)
    heartbeats.beat(HEART, now, broken=sorted(reported), broken_at=reported, whole_at=now.isoformat())
    return done


def _whole_is_due(now: datetime) -> bool:
    last = _last_sign().get("whole_at")
    every = timedelta(seconds=WHOLE_EVERY * settings.RECONCILE_SECONDS)
    return last is None or datetime.fromisoformat(last) <= now - every


def _last_sign() -> dict[str, Any]:
    return Heartbeat.objects.filter(name=HEART).values_list("info", flat=True).first() or {}


def _reported(broken: list[str], now: datetime) -> dict[str, str]:
    """Malformed entries that were removed lately: the key, and when."""
    earlier = _last_sign().get("broken_at", {})
    young = {key: at for key, at in earlier.items() if datetime.fromisoformat(at) > now - REPORTED}
    return young | dict.fromkeys(broken, now.isoformat())


def reconcile_if_possible() -> bool:
    """:func:`reconcile_entries` for callers that can do without it; False, with a log line, if it failed."""
    try:
        reconcile_entries()
    except (RedisError, DatabaseError) as error:
        logger.warning("cannot reconcile the clock's entries now: %s", error)
        return False
    return True
