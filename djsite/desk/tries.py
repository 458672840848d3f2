"""Tries at something that people may try only so often, such as a login.

They are counted in Redis, where all processes of the site see them; while it is away each counts for itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from django.core.cache import cache

from scheduler.redis_server import BROKER, attempt, client


class Limit(NamedTuple):
    """So many tries in so many seconds, counted from the first of them."""

    tries: int
    seconds: int


def count_try(name: str, limit: Limit) -> float:
    """Count a try at ``name``; the seconds to wait when it is one too many, else 0."""
    key = _key(name)
    counted: list[int] = []
    if not attempt(lambda: counted.extend(_count(key, limit))):
        cache.add(key, 0, limit.seconds)
        counted = [cache.incr(key), limit.seconds]
    count, left = counted
    return max(left, 1) if count > limit.tries else 0


def forget_tries(names: Iterable[str]) -> None:
    """The next try at each of these is the first again."""
    keys = [_key(name) for name in names]
    attempt(lambda: client(BROKER).delete(*keys))
    cache.delete_many(keys)


def _key(name: str) -> str:
    """Redis need not know whose account it is."""
    return f"crawlbeat:tries:{hashlib.sha256(name.encode()).hexdigest()}"


def _count(key: str, limit: Limit) -> tuple[int, int]:
    with client(BROKER).pipeline() as pipe:
        pipe.set(key, 0, ex=limit.seconds, nx=True)
        pipe.incr(key)
        pipe.ttl(key)
        _, count, left = pipe.execute()
    return count, left
