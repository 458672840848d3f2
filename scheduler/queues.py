"""Lanes as Celery queues: each stage of the path has one a lane, so bulk never stands before urgent."""

from __future__ import annotations

import enum

from kombu.entity import Queue
from redis import RedisError

from crawler.lanes import PRIORITIES, Lane, lane_of, ranks_of
from scheduler.redis_server import BROKER, client

CONTROL = "control"  # opening runs, sweeps, exports
PRIORITY_STEPS = list(range(10))
LAST = 9  # priority of work that can wait for everything else
SEPARATOR = ":"
HELD, HELD_SINCE = "unacked", "unacked_index"  # kombu's names for the messages that workers hold
HELD_AT_ONCE = 1000
_STEPS = 3  # priorities of a lane, of the ten; the tenth is for work that can wait for everything else


class Stage(enum.StrEnum):
    """The three tasks of the path."""

    FETCH = "fetch"
    PARSE = "parse"
    STORE = "store"


def queue_name(stage: Stage, lane: Lane) -> str:
    """The queue of a stage's work in a lane, e.g. ``parse.urgent``."""
    return f"{stage}.{lane.label}"


TELLING = queue_name(Stage.FETCH, Lane.BULK)  # messages are sent by those that wait for other servers anyway
QUEUE_NAMES = [queue_name(stage, lane) for stage in Stage for lane in Lane] + [CONTROL]
FETCH_QUEUES = {queue_name(Stage.FETCH, lane) for lane in Lane}
QUEUES = [Queue(name) for name in QUEUE_NAMES]  # type: ignore[no-untyped-call]


def celery_priority(rank: int) -> int:
    """The broker's priority, 0 first: our 9 is in the best third of its lane (see ``Visit.rank``).

    A worker asks the broker for priority 0 of all its queues, then for 1 of all, and so on. So each lane has
    priorities of its own, or a bulk seed of priority 9 would stand before an urgent one of 5.
    """
    lane = lane_of(rank)
    return lane * _STEPS + ranks_of(lane).index(rank) * _STEPS // PRIORITIES


def depth(queue: str) -> int:
    """Messages waiting in a queue, over all priorities. Raises ``redis.RedisError``."""
    return depths([queue])[queue]


def depths(queues: list[str]) -> dict[str, int]:
    """Messages waiting in each queue, in one round trip; those that a worker holds are not counted."""
    with client(BROKER).pipeline(transaction=False) as pipe:
        for queue in queues:
            for step in PRIORITY_STEPS:
                pipe.llen(f"{queue}{SEPARATOR}{step}" if step else queue)
        lengths = pipe.execute()
    width = len(PRIORITY_STEPS)
    return {queue: sum(lengths[at * width : (at + 1) * width]) for at, queue in enumerate(queues)}


def path_is_busy() -> bool:
    """Whether pages wait to be parsed or stored; also while that cannot be known."""
    try:
        return any(depths(_PAGES_WAIT).values())
    except RedisError:
        return True


_PAGES_WAIT = [queue_name(stage, lane) for stage in (Stage.PARSE, Stage.STORE) for lane in Lane]


def forget_held(before: float) -> int:
    """Forget the messages that workers have held since before a moment (epoch seconds); returns how many.

    Celery delivers the messages of a dead worker again after the visibility time-out. By then the rows have
    brought their work back long ago. A living worker goes on, and acknowledges a message that is not there,
    which does no harm.
    """
    broker = client(BROKER)
    ids = broker.zrangebyscore(HELD_SINCE, 0, before, start=0, num=HELD_AT_ONCE)
    if ids:
        with broker.pipeline() as pipe:
            pipe.zrem(HELD_SINCE, *ids)
            pipe.hdel(HELD, *ids)
            pipe.execute()
    return len(ids)
