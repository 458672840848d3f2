"""Which outcomes are worth another try, and how long to wait: the retry table, in one place.

``docs/outcomes.md`` prints this table. Transient reasons are tried again with exponential back-off
and equal jitter; permanent ones end the visit at once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from crawler.outcomes import Reason


@dataclass(frozen=True)
class RetryRule:
    """How many attempts a transient reason gets in all, and its back-off in seconds (doubling, capped)."""

    attempts: int
    base: float
    cap: float = 3600.0


NETWORK = RetryRule(attempts=4, base=5.0)
OVERLOADED = RetryRule(attempts=6, base=30.0)

TRANSIENT: dict[str, RetryRule] = {
    Reason.DNS: NETWORK,
    Reason.CONNECT: NETWORK,
    Reason.TIMEOUT: NETWORK,
    Reason.READ: NETWORK,
    Reason.ROBOTS_UNREACHABLE: NETWORK,
    "http_408": NETWORK,
    "http_425": NETWORK,
    "http_429": OVERLOADED,
    "http_500": NETWORK,
    "http_502": NETWORK,
    "http_503": OVERLOADED,
    "http_504": NETWORK,
}


def is_transient(reason: str | None) -> bool:
    """Whether a visit that ended for this reason may be tried again. Unlisted 5xx count as server errors."""
    return reason is not None and (reason in TRANSIENT or reason.startswith("http_5"))


def rule_of(reason: str) -> RetryRule:
    """How often and when what failed for a transient reason is tried again."""
    return TRANSIENT.get(reason, NETWORK)


def retry_delay(
    reason: str,
    attempts: int,
    *,
    retry_after: float | None = None,
    scale: float = 1.0,
    jitter: random.Random | None = None,
) -> float | None:
    """Seconds until the next try after ``attempts`` tries, or None when there are no more.

    Exponential back-off with equal jitter (half fixed, half random; Brooker, "Exponential Backoff And
    Jitter", 2015) and never sooner than the server's Retry-After (RFC 9110 section 10.2.3).
    ``scale`` shortens every constant (tests, demo).
    """
    if not is_transient(reason):
        return None
    rule = rule_of(reason)
    if attempts >= rule.attempts:
        return None
    ceiling = min(rule.cap, rule.base * 2 ** (attempts - 1)) * scale
    chance = (jitter or random.Random()).random()
    wait: float = ceiling / 2 * (1 + chance)
    return max(wait, retry_after or 0.0)
