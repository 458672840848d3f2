"""The Redis (or Valkey) server: its addresses for broker and clock, and a client that never waits long.

Everything written there is a hint, and the rows are the truth. So :func:`attempt` ignores an outage.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import redis
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

BROKER, CLOCK = 0, 1  # databases, counted from the one that REDIS_URL names
OUTAGE_SECONDS = 5.0  # after a failure, hints are dropped this long instead of waiting again
AWAY = (redis.RedisError, OperationalError, OSError)


def redis_url(database: int) -> str:
    """The address of one of our databases, as redis-py takes it (``unix://`` or ``redis://``)."""
    parts = urlsplit(settings.REDIS_URL)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "unix":
        query["db"] = str(int(query.get("db", "0")) + database)
        return f"unix://{parts.netloc}{parts.path}?{urlencode(query)}"
    path = str(int(parts.path.strip("/") or "0") + database)
    return urlunsplit(parts._replace(path=f"/{path}"))


def broker_url() -> str:
    """The address of the broker, as kombu takes it (``redis+socket://`` for a unix socket)."""
    url = redis_url(BROKER)
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = dict(parse_qsl(parts.query))
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={query['db']}"


@functools.cache
def client(database: int) -> redis.Redis:
    """A client that fails within two seconds and never tries twice."""
    return redis.Redis.from_url(
        redis_url(database),
        decode_responses=True,
        socket_timeout=2,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )


class _Outage:
    """Until when the server counts as away, so that callers do not wait for it one after the other."""

    until = 0.0  # of time.monotonic()

    def begins(self, error: Exception) -> None:
        if self.until == 0.0:
            logger.warning("Redis is away (%s); the rows are kept, hints are sent again by the sweep", error)
        self.until = time.monotonic() + OUTAGE_SECONDS

    def ends(self) -> None:
        if self.until:
            logger.warning("Redis is back")
        self.until = 0.0


_outage = _Outage()


def forget_outage() -> None:
    """Ask the server again at the next hint (for tests, which start and stop servers)."""
    _outage.until = 0.0


def attempt(hint: Callable[[], object]) -> bool:
    """Do something with Redis that may be lost. False when the server is away: logged once per outage.

    The server is asked first, with short time-outs, because a frozen server would block a publisher longer.
    """
    if time.monotonic() < _outage.until:
        return False
    try:
        client(BROKER).ping()
        hint()
    except AWAY as error:
        _outage.begins(error)
        return False
    _outage.ends()
    return True
