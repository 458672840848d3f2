"""Wake-ups through Redis: a hint that hosts have new work. Losing one costs a second, never a page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec
import redis.asyncio
from redis.exceptions import RedisError

from crawler.lanes import Lane

CHANNEL = "crawlbeat:wake"
log = logging.getLogger(__name__)


class WakeUp(msgspec.Struct, frozen=True):
    """The message: work of a lane was admitted on these hosts (ids)."""

    lane: Lane
    hosts: list[int]

    def send(self, client: redis.Redis) -> None:
        """Tell every session that listens now. Raises ``redis.RedisError``."""
        client.publish(CHANNEL, _ENCODER.encode(self))


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(WakeUp)


async def listen(redis_url: str, take: Callable[[WakeUp], None]) -> None:
    """Call ``take`` for every wake-up, for ever; reconnects when Redis goes away."""
    while True:
        try:
            await _subscription(redis_url, take)
        except (RedisError, OSError) as error:
            log.info("no wake-ups for now: %s", error)
            await asyncio.sleep(1)


async def _subscription(redis_url: str, take: Callable[[WakeUp], None]) -> None:
    client = redis.asyncio.Redis.from_url(redis_url, socket_connect_timeout=5, health_check_interval=10)
    async with client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
        await pubsub.subscribe(CHANNEL)
        async for message in pubsub.listen():
            try:
                wake_up = _DECODER.decode(message["data"])
            except msgspec.DecodeError as error:  # sent by another release, or by another program
                log.warning("a wake-up that cannot be read was left out: %s", error)
            else:
                take(wake_up)
