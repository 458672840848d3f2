"""Limits on how often people may do something, such as to try a password.

Counted in Redis, where all processes of the site see it; while Redis is away each process counts for itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from django.core.cache import cache

from scheduler.redis_server import BROKER, attempt, client


class RateLimit(NamedTuple):
    """So many times in so many seconds, counted from the first of them."""

    times: int
    seconds: int


def count_once(name: str, limit: RateLimit) -> float:
    """Count that ``name`` was done; returns the seconds to wait if that is over the limit, else 0."""
    key = _key(name)
    counted: list[int] = []
    if not attempt(lambda: counted.extend(_count(key, limit))):
        cache.add(key, 0, limit.seconds)
        counted = [cache.incr(key), limit.seconds]
    count, seconds = counted
    return max(seconds, 1) if count > limit.times else 0


def take_back(name: str) -> None:
    """What was counted of ``name`` a moment ago does not count after all."""
    key = _key(name)
    if not attempt(lambda: client(BROKER).decr(key)) and cache.get(key):
        cache.decr(key)


def forget(names: Iterable[str]) -> None:
    """Start counting each of these from zero again."""
    keys = [_key(name) for name in names]
    attempt(lambda: client(BROKER).delete(*keys))
    cache.delete_many(keys)


def _key(name: str) -> str:
    """Hashed: a name may be that of an account, which Redis need not know."""
    return f"crawlbeat:rate:{hashlib.sha256(name.encode()).hexdigest()}"


def _count(key: str, limit: RateLimit) -> tuple[int, int]:
    with client(BROKER).pipeline() as pipe:
        pipe.set(key, 0, ex=limit.seconds, nx=True)
        pipe.incr(key)
        pipe.ttl(key)
        _, count, seconds = pipe.execute()
    return count, seconds
