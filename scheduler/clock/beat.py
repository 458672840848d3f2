"""The clock process: RedBeat, which starts from the rows and goes on after most faults.

A malformed entry is removed and reported. A lost lock (Redis emptied, the process paused for too long) is
waited for again. A tick sends a bounded number of entries, so that it never outlives its lock.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from types import SimpleNamespace
from typing import Any

from celery import signals
from django.db import connections
from redbeat import RedBeatScheduler, RedBeatSchedulerEntry
from redbeat.schedulers import acquire_distributed_beat_lock, get_redis, to_timestamp
from redis.exceptions import LockError

from scheduler.clock.entries import BROKEN, SCHEDULE, TASK, Malformed, sound_entry
from scheduler.clock.reconcile import reconcile_if_possible
from scheduler.process.lifeline import die_with_parent_if_asked
from scheduler.process.watchdog import Loop, Watchdog

logger = logging.getLogger(__name__)

AT_ONCE = 100  # entries a tick sends: half a second of work, and the first message opens all that is due


_ticks = Loop(time.monotonic())
_ticks.rest()  # until the first one: a standby waits for the lock before


@signals.beat_init.connect
def _watch(**_: Any) -> None:
    Watchdog(_ticks).start()


class Entry(RedBeatSchedulerEntry):  # type: ignore[misc]
    """An entry that is removed and reported when it cannot be read. In RedBeat it would end beat."""

    @classmethod
    def from_key(cls, key: str, app: Any = None) -> Any:
        try:
            return sound_entry(key, partial(super().from_key, key, app=app))
        except Malformed as error:
            logger.error("clock entry %s is malformed and was removed: %s", key, error)
            get_redis(app).delete(key)
            get_redis(app).sadd(BROKEN, key)  # for the next reconcile to report
            raise KeyError(key) from error  # RedBeat takes it off its list


class Scheduler(RedBeatScheduler):  # type: ignore[misc]
    """RedBeat with entries rebuilt from the rows before the first tick and after every loss of the lock."""

    Entry = Entry
    _skip = 0  # entries at the front of the list that are listed as due and are not
    _sent_slots: set[str]  # slots that this tick has sent a message for
    _more = False  # whether the last tick left due entries for the next one

    def setup_schedule(self) -> None:
        die_with_parent_if_asked()  # a standby gets no further than the lock
        reconcile_if_possible()
        connections.close_all()  # beat has no other use for the database
        super().setup_schedule()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; returns the seconds to the next tick, 0 if there is more."""
        _ticks.tick()
        try:
            self._sent_slots = set()
            if self.lock is None:  # Redis was away when the lock was asked for
                self._await_lock()
            wait: float = super().tick(*args, **kwargs)
        except LockError as error:
            logger.warning("beat lost its lock (%s); it waits for it like a standby", error)
            self.setup_schedule()
            self._await_lock()
            return 0
        return 0 if self._more else wait

    def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> Any:
        """Send an entry's message. One is enough for many seeds due at the same moment: it opens all."""
        if entry.task == TASK:
            slot = entry.args[1]
            if slot in self._sent_slots:
                return self.reserve(entry)
            self._sent_slots.add(slot)
        return super().apply_async(entry, *args, **kwargs)

    def _await_lock(self) -> None:
        _ticks.rest()
        self.lock = None
        acquire_distributed_beat_lock(SimpleNamespace(scheduler=self))

    @property
    def schedule(self) -> dict[str, Any]:
        """The oldest of the entries that are due, and the next one to come: RedBeat loads them all."""
        now = to_timestamp(self.app.now())
        with get_redis(self.app).pipeline() as pipe:
            pipe.zrangebyscore(SCHEDULE, 0, now, start=self._skip, num=AT_ONCE)
            pipe.zrangebyscore(SCHEDULE, f"({now}", now + self.max_interval, start=0, num=1)
            due, coming = pipe.execute()
        entries = self._load([*due, *coming])
        self._more = len(due) == AT_ONCE
        idle = sum(not entries[key].is_due()[0] for key in due if key in entries)
        self._skip = self._skip + idle if self._more else 0
        return {entry.name: entry for entry in entries.values()}

    def _load(self, keys: list[str]) -> dict[str, Any]:
        entries = {}
        for key in keys:
            try:
                entries[key] = self.Entry.from_key(key, app=self.app)
            except KeyError:
                logger.warning("clock entry %s is gone and was taken off the list", key)
                get_redis(self.app).zrem(SCHEDULE, key)
        return entries
