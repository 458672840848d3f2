"""What a worker process does besides tasks: its connections, its leases, its sign of life, its end."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from celery import signals
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from catalog.clock import db_now
from crawler.memory_limit import PARSER_BYTES, limit_memory
from crawler.structs import prepare_structs
from pipelines.archive import last_write_failure
from pipelines.fetch.loop import fetch_loop
from pipelines.frontier.hosts import release_owner
from scheduler.clock import step_back
from scheduler.clock.reconcile import reconcile_if_possible
from scheduler.clock.step_back import HEART
from scheduler.process import heartbeats, progress, shutdown
from scheduler.process.fork_guard import no_fork
from scheduler.process.lifeline import die_with_parent_if_asked
from scheduler.process.watchdog import TICK_EVERY, Loop, Watchdog
from scheduler.queues import FETCH_QUEUES

logger = logging.getLogger(__name__)


@signals.worker_process_init.connect
def _begin_child(**_: Any) -> None:
    """In each process that parses: a page of a few megabytes may be written so that its tree takes 100 GB."""
    die_with_parent_if_asked()
    limit_memory(PARSER_BYTES)


@signals.worker_init.connect
def _begin(sender: Any, **_: Any) -> None:
    """Before any work: free the hosts that this node leased before it was started again."""
    die_with_parent_if_asked()
    prepare_structs()
    try:
        freed = release_owner(sender.hostname, db_now())
    except DatabaseError as error:
        logger.warning("cannot free old leases of %s, they will run out: %s", sender.hostname, error)
    else:
        if freed:
            logger.info("freed %d hosts that an earlier %s had leased", freed, sender.hostname)
    connection.close()  # children must not inherit it
    progress.follow_tasks()


@signals.worker_ready.connect
def _ready(sender: Any, **_: Any) -> None:
    controller = sender.controller
    queues = sorted(controller.app.amqp.queues.consume_from)
    pool = str(controller.pool_cls.__module__)
    SignsOfLife(sender.hostname, pool=pool, slots=controller.concurrency, queues=queues).start()
    loops = [Loop(time.monotonic())]
    sender.timer.call_repeatedly(TICK_EVERY, loops[0].tick)
    if FETCH_QUEUES & set(queues):
        loops.append(Loop(time.monotonic()))
        fetch_loop().every(TICK_EVERY, loops[1].tick)
    Watchdog(*loops).start()


@signals.worker_shutting_down.connect
def _shutting_down(sender: str, how: str, **_: Any) -> None:
    shutdown.start_shutdown(how, lambda: _give_up(sender))


def _give_up(node: str) -> None:
    """Hand back what still runs. Threads cannot be ended, so their process ends without waiting for them."""
    if settings.PROCESS_KIND != "threads":
        os.kill(os.getpid(), signal.SIGQUIT)
        return
    logger.warning("tasks still run after %g s; their visits go back", settings.SHUTDOWN_SECONDS)
    with suppress(DatabaseError):
        release_owner(node, db_now(), died=False)
    os._exit(1)


@signals.task_prerun.connect
def _fresh_connection(**_: Any) -> None:
    """Drop a connection that broke or became too old while the process had nothing to do."""
    close_old_connections()


def _archive_trouble() -> dict[str, object]:
    """Why this process could not write to the archive when it last tried, for the checks."""
    failure = last_write_failure()
    return {"archive": {"at": failure.at.isoformat(), "error": failure.error}} if failure else {}


class SignsOfLife(threading.Thread):
    """Writes the worker's signs of life, and reconciles the clock when no beat does it."""

    def __init__(self, name: str, **info: object) -> None:
        super().__init__(name="signs of life", daemon=True)
        self._heart = name
        self._info = {"pid": os.getpid(), **info}

    def run(self) -> None:
        self._guarded(self.give_sign)
        while not shutdown.STOPPING.wait(settings.HEARTBEAT_SECONDS):
            self._guarded(self.give_sign)
        self._guarded(lambda: heartbeats.stop(self._heart))

    def give_sign(self) -> None:
        """Write one sign of life; reconcile too when beat should have, or when the clock went back."""
        now = db_now()
        heartbeats.beat(self._heart, now, **self._info, **_archive_trouble())
        reconciled = heartbeats.age(HEART, now)
        late = timedelta(seconds=2 * settings.RECONCILE_SECONDS)
        if reconciled is None or not -step_back.TOLERANCE <= reconciled <= late:
            reconcile_if_possible()

    def _guarded(self, action: Any) -> None:
        with no_fork():
            try:
                action()
            except DatabaseError as error:
                logger.warning("no sign of life from %s at %s: %s", self._heart, timezone.now(), error)
            finally:
                connection.close()
