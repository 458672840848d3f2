"""Wake-ups from Redis: a hint that a host has new work. Losing one costs a second, never a page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec
import redis.asyncio
from redis.exceptions import RedisError

CHANNEL = "crawlbeat:wake"
log = logging.getLogger(__name__)


class Wake(msgspec.Struct, frozen=True):
    """Work of a lane was admitted on these hosts (ids)."""

    lane: int
    hosts: list[int]


_DECODER = msgspec.json.Decoder(Wake)


async def listen(redis_url: str, heard: Callable[[Wake], None]) -> None:
    """Call ``heard`` for every wake-up, for ever; reconnects when Redis goes away."""
    while True:
        try:
            await _subscription(redis_url, heard)
        except (RedisError, OSError) as error:
            log.info("no wake-ups for now: %s", error)
            await asyncio.sleep(1)


async def _subscription(redis_url: str, heard: Callable[[Wake], None]) -> None:
    client = redis.asyncio.Redis.from_url(redis_url, socket_connect_timeout=5, health_check_interval=10)
    async with client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
        await pubsub.subscribe(CHANNEL)
        async for message in pubsub.listen():
            heard(_DECODER.decode(message["data"]))
