"""The Redis or Valkey server: does it answer, can it keep what it is given, are its queues emptied."""

from __future__ import annotations

from typing import Any

from scheduler.checks.findings import CheckOptions, Finding, Findings
from scheduler.queues import QUEUE_NAMES, depths
from scheduler.redis_server import AWAY, BROKER, CLOCK, client

LONG = (
    1000  # messages; a queue of the path holds a few hundred at most, because fetching waits for the others
)
_STATES = ("aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status")


def answers(options: CheckOptions) -> Findings:
    """Both databases."""
    try:
        client(BROKER).ping()
        client(CLOCK).ping()
    except AWAY as error:
        yield Finding(
            "redis-away",
            "Redis does not answer: nothing new begins until it is back.",
            "Start it, or correct REDIS_URL; it needs two databases. Nothing is lost meanwhile.",
            examples=[str(error)],
        )


def keeps_data(options: CheckOptions) -> Findings:
    """Whether it could write its files when it last tried."""
    try:
        info: dict[str, Any] = client(BROKER).info("persistence")
    except AWAY:
        return
    for name in _STATES:
        if info.get(name, "ok") != "ok":
            yield Finding(
                "redis-disk",
                f"The Redis server cannot write its file ({name} is {info[name]}).",
                "Look at its log and at the room on its disk.",
            )


def queues_are_emptied(options: CheckOptions) -> Findings:
    """Whether messages pile up."""
    try:
        waiting = depths(QUEUE_NAMES)
    except AWAY:
        return
    if long := {queue: number for queue, number in waiting.items() if number > LONG}:
        yield Finding(
            "queue-long",
            f"Queues with more than {LONG:,} messages that wait: {', '.join(long)}.",
            "Look at the workers that take from them; add some if they do not keep up.",
            examples=[f"{queue}: {number:,}" for queue, number in long.items()],
        )
