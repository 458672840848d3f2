"""Waking fetch sessions: the hint that follows every commit which makes hosts due."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from crawler.lanes import Lane
from pipelines.fetch.wakeups import WakeUp
from scheduler.app import app
from scheduler.queues import Stage, depths, queue_name
from scheduler.redis_server import BROKER, attempt, client


def wake(host_ids_by_lane: Mapping[Lane, Collection[int]]) -> bool:
    """Tell running sessions of hosts with due work, and make sure that each lane gets a session.

    Call it after the commit. Never raises; False when Redis is away (the sweep wakes again).
    """
    due = {lane: sorted(ids) for lane, ids in host_ids_by_lane.items() if ids}
    return not due or attempt(lambda: _wake(due))


def call_session(lane: Lane) -> bool:
    """Make sure that a worker begins a session of the lane. Never raises, as :func:`wake`."""
    return attempt(lambda: _call_sessions([lane]))


def _wake(due: Mapping[Lane, list[int]]) -> None:
    for lane, ids in sorted(due.items()):
        WakeUp(lane, ids).send(client(BROKER))
    _call_sessions(due)


def _call_sessions(lanes: Collection[Lane]) -> None:
    waiting = depths([queue_name(Stage.FETCH, lane) for lane in lanes])
    for lane in sorted(lanes):
        queue = queue_name(Stage.FETCH, lane)
        if not waiting[queue]:
            app.send_task("fetch", args=[int(lane)], queue=queue, priority=0, retry=False)
