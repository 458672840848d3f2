"""How gently a host is treated: its delay, and slowing down when it asks for that.

Pure functions; times are epoch seconds and arguments, durations are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SLOWER = 2.0  # factor on each 429 or 503
RECOVERY = 0.8  # factor on each good answer: nine make up for one refusal, two do not
MAX_SLOWDOWN = 64.0
MAX_SLOWED_DELAY = 60.0  # slowing down stops here, unless the host's own delay is longer
LEAST_DELAY = 0.02  # what a slow-down multiplies when the delay is shorter than this, or 0

_ASKS_TO_SLOW_DOWN = frozenset({429, 503})
_DIGITS = re.compile(r"[0-9]+")


def host_delay(
    delays: Iterable[float], crawl_delay: float | None, slowdown: float, *, max_crawl_delay: float
) -> float:
    """Seconds from the end of a response to the next request.

    The largest of the open runs' ``delays`` and the site's Crawl-delay (clamped), times the slow-down.
    """
    delay = max((*delays, min(crawl_delay or 0.0, max_crawl_delay)))
    if slowdown <= 1:
        return delay
    return max(delay, min(max(delay, LEAST_DELAY) * slowdown, MAX_SLOWED_DELAY))


def next_slowdown(current: float, status: int) -> float:
    """The factor on a host's delay (1 or more) after a response.

    429 (RFC 6585 section 4) and 503 (RFC 9110 section 15.6.4) ask to slow down; other server errors say
    nothing about our pace; any other answer recovers it step by step.
    """
    if status in _ASKS_TO_SLOW_DOWN:
        return min(max(current, 1.0) * SLOWER, MAX_SLOWDOWN)
    if status >= 500:
        return current
    eased = current * RECOVERY
    return eased if eased > 1.05 else 1.0


def parse_retry_after(value: str, now: float, *, ceiling: float) -> float | None:
    """Seconds to wait by a Retry-After header, at most ``ceiling``; None when it says nothing we know.

    RFC 9110 section 10.2.3: a number of seconds, or a date in any of the three forms of section 5.6.7.
    A date that has passed means no wait.
    """
    value = value.strip()
    if _DIGITS.fullmatch(value):
        return min(float(value), ceiling)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # OverflowError: an absurd offset from UTC
        return None
    if date.tzinfo is None:  # the asctime form names no zone and means UTC
        date = date.replace(tzinfo=UTC)
    return min(max((date - datetime.fromtimestamp(now, UTC)).total_seconds(), 0.0), ceiling)
