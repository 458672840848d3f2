"""Whether the threads of a process get on with their tasks, as the statements that they execute show.

A task executes statements all the time, but for one that is stuck: in a loop without an end, or waiting for
what never comes. A thread that executes none while it holds a transaction open also holds up others, with
SQLite all of them. A statement itself is not judged: it may wait for a lock, or have much to do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from celery import signals
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

QUIET_STALLS = 10  # so many times STALL_SECONDS may a task need between two statements, without a lock


@dataclass
class _Thread:
    """What a thread does, and when it last got on (monotonic seconds)."""

    name: str
    since: float = field(default_factory=time.monotonic)
    task: str = ""
    connection: BaseDatabaseWrapper | None = None
    in_statement: bool = False

    def is_stuck(self, now: float) -> bool:
        """Whether it has not got on for too long."""
        if self.in_statement:
            return False
        locks = self.connection is not None and self.connection.in_atomic_block
        if locks and self.connection is not None and self.connection.vendor == "sqlite":
            return now - self.since > settings.STALL_SECONDS
        return bool(locks or self.task) and now - self.since > QUIET_STALLS * settings.STALL_SECONDS


_threads: dict[int, _Thread] = {}


def follow_tasks() -> None:
    """From now on notice the tasks of this process and their statements."""
    signals.task_prerun.connect(_begin)
    signals.task_postrun.connect(_end)
    connection_created.connect(_follow)


def stuck(now: float) -> str:
    """A sentence about a thread that does not get on; empty when all do."""
    for thread in list(_threads.values()):
        if thread.is_stuck(now):
            return f"{thread.task or thread.name} has not got on for {now - thread.since:.0f} s"
    return ""


def excuse(now: float) -> None:
    """The whole process stood still until now: nobody could get on."""
    for thread in list(_threads.values()):
        thread.since = now


def _current() -> _Thread:
    thread = threading.current_thread()
    return _threads.setdefault(threading.get_ident(), _Thread(thread.name))


def _begin(task_id: str, task: Any, args: Any, **_: Any) -> None:
    thread = _current()
    thread.since, thread.task = time.monotonic(), f"the task {task.name}{tuple(args)} ({task_id})"


def _end(**_: Any) -> None:
    _current().task = ""


def _follow(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _note not in connection.execute_wrappers:
        connection.execute_wrappers.append(_note)


def _note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    thread = _current()
    thread.connection, thread.in_statement = context["connection"], True
    try:
        return execute(sql, params, many, context)
    finally:
        thread.since, thread.in_statement = time.monotonic(), False
