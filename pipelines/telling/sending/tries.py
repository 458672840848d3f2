"""When a message that was not delivered is tried again, and when it is given up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from pipelines.telling.kinds.kind import Answer

BASE, CAP = 5.0, 3600.0  # seconds: the first wait, doubled each time up to the longest
GIVE_UP_AFTER = timedelta(days=3)  # since the first attempt, …
LEAST_TRIES = 8  # … but not before so many: the channel may have been off in between
REFUSED_BASE = 60.0  # an answer such as 404 rarely changes by itself, so these come later …
REFUSED_TRIES = 6  # … and are few


@dataclass(frozen=True)
class History:
    """Of a message: attempts so far, the last one included, and when the first was."""

    attempts: int
    first: datetime


def next_try(history: History, answer: Answer, now: datetime) -> datetime | None:
    """When to try again after a failure; None: never.

    Exponential back-off with equal jitter, as :mod:`crawler.rules.retries` has it, and never sooner than the
    receiver's Retry-After.
    """
    if answer.refused and history.attempts >= REFUSED_TRIES:
        return None
    if history.attempts >= LEAST_TRIES and now - history.first >= GIVE_UP_AFTER:
        return None
    base = REFUSED_BASE if answer.refused else BASE
    ceiling = min(CAP, base * 2 ** min(history.attempts - 1, 20)) * settings.TIME_SCALE
    wait = ceiling / 2 * (1 + random.random())
    return now + timedelta(seconds=max(wait, answer.retry_after or 0.0))
