"""Starts child processes, restarts those that die, and leaves none behind.

Nothing here blocks or starts a thread: the command calls :meth:`Supervisor.tick` between its other work.
Children are started from the main thread only, because the kernel's parent-death signal follows the thread
that forked.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from embedded.datadir import ROOT
from embedded.fork import Fork, Order
from scheduler.process.lifeline import die_with_parent

FIRST_DELAY = 0.5  # seconds before the first restart; doubles up to LAST_DELAY
LAST_DELAY = 15.0
PROVEN_AFTER = 30.0  # a child that lived this long restarts after FIRST_DELAY again
LOG_BYTES = 5_000_000
LOGS_KEPT = 3
ROTATE_EVERY = 30.0


@dataclass(frozen=True)
class Service:
    """A child process to keep alive. ``stage``: stopped from the highest stage to the lowest.

    With ``main``, the child is forked and runs that; else it is the program that ``command`` starts.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    main: Callable[[], object] | None = None
    stage: int = 1
    grace: float = 10.0  # seconds between SIGTERM and SIGKILL
    on_death: Callable[[], object] | None = None  # before it is started again


@dataclass
class Child:
    """One service's process and its history. Times are monotonic seconds, but for ``since``."""

    service: Service
    process: subprocess.Popen[bytes] | Fork | None = None
    since: datetime | None = None
    started: float = 0.0
    restarts: int = 0
    delay: float = FIRST_DELAY
    due: float = 0.0  # when to start it again

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """The children of one command.

    ``say`` is called with a line about each problem, ``changed`` after each start and death, ``before_fork``
    before a child is forked, ``died`` with the name of a service whose process has ended.
    """

    def __init__(
        self,
        logs: Path,
        say: Callable[[str], None],
        changed: Callable[[], None],
        before_fork: Callable[[], object] = lambda: None,
        died: Callable[[str], object] = lambda name: None,
    ) -> None:
        self.children: dict[str, Child] = {}
        self._logs = logs
        self._say = say
        self._changed = changed
        self._before_fork = before_fork
        self._died = died
        self._rotate_at = 0.0

    def start(self, service: Service) -> None:
        """Start a service and keep it alive from now on."""
        child = self.children[service.name] = Child(service)
        self._spawn(child)

    def tick(self) -> None:
        """Notice dead children, restart those that are due, keep the logs small."""
        now = time.monotonic()
        for child in self.children.values():
            if child.process is not None and child.process.poll() is not None:
                self._note_death(child, now)
            elif child.process is None and now >= child.due:
                child.restarts += 1
                self._spawn(child)
        if now >= self._rotate_at:
            self._rotate_at = now + ROTATE_EVERY
            for name in self.children:
                rotate(self.log_of(name))

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """End every child, stage by stage: SIGTERM, and SIGKILL after its grace or when ``hurry`` says so."""
        for stage in sorted({child.service.stage for child in self.children.values()}, reverse=True):
            alive = [c for c in self.children.values() if c.alive and c.service.stage == stage]
            began = time.monotonic()
            for child in alive:
                _signal(child, signal.SIGTERM)
            while alive := [child for child in alive if child.alive]:
                for child in alive:
                    if hurry() or time.monotonic() - began > child.service.grace:
                        _signal(child, signal.SIGKILL)
                time.sleep(0.02)
        for child in self.children.values():
            _signal(child, signal.SIGKILL)  # processes that the child may have left behind
        self.children.clear()

    def log_of(self, name: str) -> Path:
        """The file that a child's output goes to."""
        return self._logs / f"{name}.log"

    def _spawn(self, child: Child) -> None:
        child.process = self._fork(child.service) if child.service.main else self._execute(child.service)
        child.started = time.monotonic()
        child.since = datetime.now(UTC)
        self._changed()

    def _fork(self, service: Service) -> Fork:
        assert service.main is not None
        self._before_fork()
        return Fork(Order(service.name, service.main, self.log_of(service.name), service.environment))

    def _execute(self, service: Service) -> subprocess.Popen[bytes]:
        with self.log_of(service.name).open("ab") as log:
            return subprocess.Popen(
                service.command,
                cwd=ROOT,
                env={**os.environ, **service.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches only us, and we stop the children in order
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no other thread runs in this process
            )

    def _note_death(self, child: Child, now: float) -> None:
        status = (child.process and child.process.returncode) or 0
        if now - child.started > PROVEN_AFTER:
            child.delay = FIRST_DELAY
        _signal(child, signal.SIGKILL)  # the processes that it started
        child.process = None
        child.due = now + child.delay
        self._say(
            f"{child.service.name} ended ({_how(status)}); starting it again in {child.delay:g} s. "
            f"Its log: {self.log_of(child.service.name)}"
        )
        child.delay = min(child.delay * 2, LAST_DELAY)
        if child.service.on_death is not None:
            child.service.on_death()
        self._died(child.service.name)
        self._changed()


def rotate(path: Path) -> None:
    """Keep a log and its older files below LOG_BYTES each.

    The log is copied and emptied, not renamed: the child goes on writing to the file it has open (in append
    mode). A line that is written between the two steps is lost.
    """
    if not path.exists() or path.stat().st_size < LOG_BYTES:
        return
    for number in range(LOGS_KEPT, 1, -1):
        older = path.with_name(f"{path.name}.{number - 1}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number}"))
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    os.truncate(path, 0)


def _signal(child: Child, number: signal.Signals) -> None:
    """SIGTERM goes to the child, which ends its own children; SIGKILL goes to its whole session."""
    if child.process is None:
        return
    try:
        if number == signal.SIGKILL:
            os.killpg(child.process.pid, number)
        elif child.process.poll() is None:
            os.kill(child.process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass  # ended already (macOS says "not permitted" for a group of zombies)


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def python(module: str, *arguments: str) -> list[str]:
    """The command line of a Python module in this environment."""
    return [sys.executable, "-m", module, *arguments]
