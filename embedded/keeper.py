"""The keeper of a data folder: the process that holds the folder's lock and runs its services."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from catalog.clock import db_now
from catalog.models import Batch
from catalog.schema import bring_up_to_date
from embedded import services, valkey
from embedded.datadir import DataFolder
from embedded.errors import Interrupted, Trouble
from embedded.machine import check_semaphores, little_memory
from embedded.preload import preload
from embedded.signals import Signals
from embedded.supervisor import Service, Supervisor
from pipelines.frontier.hosts import release_owner
from scheduler.app import app
from scheduler.clock.entries import PREFIX
from scheduler.process import deaths, heartbeats
from scheduler.redis_server import BROKER, CLOCK, attempt, client

TICK = 0.5  # seconds between checks of the children; the end of a child wakes us sooner
SERVER_SECONDS = 30.0  # Valkey reads its whole file back before it answers
LEFTOVER_SECONDS = 5.0
BATCH_GRACE = timedelta(seconds=5)  # in which living workers can finish the batches they work on


class Keeper:
    """Holds a data folder from :meth:`take_folder` to :meth:`stop`, which ends every child and frees it.

    ``kind`` is the command that runs it (``up`` or ``crawl``), ``say`` prints a line for people.
    """

    def __init__(self, folder: DataFolder, kind: str, signals: Signals, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.signals = signals
        self._say = say
        self.supervisor = Supervisor(folder.logs, say, self.write_state, close_connections, self._note_death)
        self._embedded_server = not settings.REDIS_SERVER_URL
        self._state: dict[str, Any] = {
            "kind": kind,
            "pid": os.getpid(),
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "data": str(folder.path),
            "logs": str(folder.logs),
            "servers": servers(),
            "ready": False,
        }

    def take_folder(self) -> bool:
        """Lock the folder; False when another process keeps it."""
        if not self.folder.lock():
            return False
        self.write_state()
        return True

    def stop(self) -> None:
        """Stop the children in order, or at once after a second signal, and free the folder."""
        stops = self.signals.stops
        self.supervisor.stop(hurry=lambda: self.signals.stops > stops)
        self.folder.unlock()

    @property
    def stopping(self) -> bool:
        """Whether a signal has asked us to stop."""
        return self.signals.stops > 0

    def note(self, **facts: object) -> None:
        """Add facts to ``up.json``."""
        self._state.update(facts)
        self.write_state()

    def write_state(self) -> None:
        """Write to ``up.json`` which process this is and what it runs."""
        children = {
            name: {
                "pid": child.process.pid if child.process is not None else None,
                "since": child.since.isoformat(timespec="seconds") if child.since is not None else None,
                "restarts": child.restarts,
            }
            for name, child in self.supervisor.children.items()
        }
        try:
            self.folder.write_state({**self._state, "children": children})
        except OSError as error:  # a full disk must not stop what runs
            self._say(f"cannot write {self.folder.state_file}: {error.strerror}")

    def prepare(self) -> None:
        """Start Valkey (unless REDIS_URL names a server) and bring the tables up to date meanwhile."""
        check_semaphores()
        if sentence := little_memory():
            self._say(sentence)
        if self._embedded_server:
            self._await_old_server_end()
            self.supervisor.start(services.server(self.folder, self._see_to_server_file))
        preload()
        bring_up_to_date()
        for node in {*services.nodes(), *heartbeats.gone(socket.gethostname(), db_now())}:
            give_back_work(node)  # work that a killed keeper left behind
        answered = not self._embedded_server or self.wait_until(self._server_answers, SERVER_SECONDS)
        if self.stopping:
            raise Interrupted
        if not answered:
            raise Trouble(f"Valkey does not answer; see {self.supervisor.log_of(services.VALKEY)}")
        self.note(ready=True)

    def start(self, new: Iterable[Service]) -> None:
        """Start services and keep them alive."""
        for service in new:
            self.supervisor.start(service)

    def wait_until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Look after the children until ``done``; False after ``seconds`` or when asked to stop."""
        end = time.monotonic() + seconds
        while not done():
            if self.stopping or time.monotonic() > end:
                return False
            self.wait(0.05)
        return True

    def wait(self, seconds: float = TICK) -> None:
        """Sleep for ``seconds`` at most, then look after the children."""
        self.signals.wait(seconds)
        self.supervisor.tick()

    def _see_to_server_file(self) -> None:
        """Have Valkey start empty if it has ended because its file is broken."""
        aside = valkey.set_aside_broken_file(self.folder.path, self.supervisor.log_of(services.VALKEY))
        if aside is not None:
            self._say(
                f"Valkey's file was broken and is set aside as {aside}. Nothing is lost: queues and clock "
                "are filled again from the database."
            )

    def _note_death(self, name: str) -> None:
        """Write down the end of a child, so that the checks know of one that ends again and again."""
        try:
            number = deaths.note(name, socket.gethostname(), db_now())
        except DatabaseError:  # there may be no table yet, or no room
            connection.close()
        else:
            if number >= deaths.MANY:
                self._say(f"{deaths.sentence(name, number)} {deaths.ADVICE}")

    def _await_old_server_end(self) -> None:
        """After kill -9 of a keeper its server lives some milliseconds more; ours must start later."""
        ended = self.wait_until(lambda: not self._server_answers(), LEFTOVER_SECONDS)
        if not ended and not self.stopping:
            raise Trouble(f"another server answers on {self.folder.socket()}, and it is not ours")

    def _server_answers(self) -> bool:
        return valkey.answers(self.folder.socket())


def in_use(folder: DataFolder) -> str:
    """A sentence about the process that keeps the folder."""
    state = folder.keeper() or {}
    if not state:
        return f"the data folder {folder.path} is in use; name another with --data"
    where = f" at {state['address']}" if state.get("address") else ""
    return (
        f"the data folder {folder.path} is in use by 'crawlbeat {state['kind']}' "
        f"(process {state['pid']}{where}); stop that, or name another folder with --data"
    )


def servers() -> str:
    """Which database and which Redis this process uses, as a digest that two processes can compare."""
    urls = settings.DATABASE_URL, settings.REDIS_SERVER_URL
    return hashlib.sha256("\n".join(urls).encode()).hexdigest()[:12]


def close_connections() -> None:
    """Close those that this process has: no child may talk on a socket of its parent."""
    connection.close()
    app.pool.resize(app.pool.limit, reset=True)  # closes all and makes room for new ones
    for database in (BROKER, CLOCK):
        client(database).close()


def give_back_work(node: str) -> None:
    """Give back what a dead worker was working on: its hosts at once, its batches with the next sweeps."""
    try:
        now = db_now()
        release_owner(node, now)
        heartbeats.stop(node)
        soon = now + BATCH_GRACE
        Batch.objects.exclude(state=Batch.State.STORED).filter(due_at__gt=soon).update(due_at=soon)
    except DatabaseError:
        connection.close()  # then leases end and batches come due later, without this


def free_beat_lock() -> None:
    """Delete the lock of a dead beat. The embedded mode has no other beat that could hold it."""
    if not settings.REDIS_SERVER_URL:
        attempt(lambda: client(CLOCK).delete(f"{PREFIX}:lock"))
