"""The clock process: RedBeat, which a malformed entry cannot stop, and which starts from the rows."""

from __future__ import annotations

import logging
from typing import Any

from django.db import connections
from redbeat import RedBeatScheduler, RedBeatSchedulerEntry
from redbeat.schedulers import get_redis
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004  redis-py's own

from scheduler.entries import must_be_sound
from scheduler.lifeline import die_with_parent_if_asked
from scheduler.reconcile import reconcile_if_possible

logger = logging.getLogger(__name__)


class Entry(RedBeatSchedulerEntry):  # type: ignore[misc]
    """An entry that, when it cannot be read, is removed and reported instead of ending beat."""

    @classmethod
    def from_key(cls, key: str, app: Any = None) -> Any:
        try:
            entry = super().from_key(key, app=app)
            must_be_sound(entry, key)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:
            logger.error("clock entry %s is malformed and was removed: %r", key, error)
            get_redis(app).delete(key)
            raise KeyError(key) from error  # RedBeat takes it off its list
        return entry


class Scheduler(RedBeatScheduler):  # type: ignore[misc]
    """RedBeat with entries rebuilt from the rows before the first tick."""

    Entry = Entry

    def setup_schedule(self) -> None:
        die_with_parent_if_asked()  # a standby gets no further than the lock
        reconcile_if_possible()
        connections.close_all()  # beat has no other use for the database
        super().setup_schedule()
