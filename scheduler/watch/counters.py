"""Totals for monitors, in Redis: they start from zero when it is flushed, which monitors expect.

A hash with a field for each total: a name, or a name and its labels, separated by bars.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pipelines.store.visits import End
from scheduler.redis_server import BROKER, attempt, client

KEY = "crawlbeat:totals"
VISITS, EXPIRIES = "visits", "lease_expiries"


def count_ends(ends: Mapping[End, int]) -> None:
    """Visits that ended, or go on, by outcome and reason. Never raises."""
    _count({f"{VISITS}|{outcome}|{reason}": number for (outcome, reason), number in ends.items()})


def count_expiries(number: int) -> None:
    """Leases that ended by time: their session died or was stopped. Never raises."""
    _count({EXPIRIES: number})


def visits() -> dict[End, int]:
    """Visits by outcome and reason. Raises ``redis.RedisError``."""
    split = [(name.split("|"), number) for name, number in _totals().items()]
    return {(name[1], name[2]): number for name, number in split if name[0] == VISITS}


def expiries() -> int:
    """Leases that ended by time. Raises ``redis.RedisError``."""
    return _totals().get(EXPIRIES, 0)


def _totals() -> dict[str, int]:
    raw = cast("dict[str, str]", client(BROKER).hgetall(KEY))
    return {name: int(number) for name, number in raw.items()}


def _count(amounts: Mapping[str, int]) -> None:
    nonzero = {name: amount for name, amount in amounts.items() if amount}
    if nonzero:
        attempt(lambda: _add(nonzero))


def _add(amounts: Mapping[str, int]) -> None:
    with client(BROKER).pipeline(transaction=False) as pipe:
        for name, amount in amounts.items():
            pipe.hincrby(KEY, name, amount)
        pipe.execute()
