"""The faults: each begins, lasts for its time, and then undoes what does not recover without help."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import psycopg
import redis

from benchmarks.chaos.load import Load
from benchmarks.chaos.up import WORKERS, Up
from tests.harness.servers import Postgres

OUTAGE = 60.0  # seconds without Redis, PostgreSQL or room on the disk; times the scale
FROZEN = 45.0  # longer than a lease
READING = 20.0  # of bad inputs and slow readers
READERS = 4


@dataclass
class Scene:
    """What the faults work on."""

    up: Up
    dice: random.Random
    scale: float
    load: Load
    postgres: Postgres | None = None
    broken: list[str] = field(default_factory=list)  # promises that did not hold during a fault

    def go_on(self, seconds: float) -> None:
        """Keep the load up for some seconds."""
        self.load.go_on(seconds)

    def last(self, seconds: float) -> None:
        self.go_on(seconds * self.scale)


def _kill(name: str, scene: Scene) -> None:
    os.kill(scene.up.pid(name, scene.go_on), signal.SIGKILL)


def _kill_parser(scene: Scene) -> None:
    while not (parsers := scene.up.parsers()):
        scene.go_on(0.1)
    os.kill(scene.dice.choice(parsers), signal.SIGKILL)


def _restart(name: str, scene: Scene) -> None:
    """End a worker as a rolling restart does."""
    os.kill(scene.up.pid(name, scene.go_on), signal.SIGTERM)


@contextlib.contextmanager
def _frozen(group: int) -> Iterator[None]:
    """Stop a whole process group, and let it go on afterwards; it may end meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)


def _freeze(name: str, seconds: float, scene: Scene) -> None:
    with _frozen(scene.up.pid(name, scene.go_on)):  # each child leads a group of its own
        scene.last(seconds)


def _connected(scene: Scene) -> redis.Redis:
    """A client that has its connection."""
    scene.up.pid("valkey", scene.go_on)
    client = redis.Redis(unix_socket_path=str(scene.up.data.socket()))
    while True:
        with contextlib.suppress(redis.ConnectionError):
            client.ping()
            return client
        scene.go_on(0.1)


def _flush(scene: Scene) -> None:
    _connected(scene).flushall()


def _kill_and_forget(scene: Scene) -> None:
    """Redis dies and loses its data."""
    _flush(scene)
    _kill("valkey", scene)


def _part(scene: Scene) -> None:
    """Redis runs and cannot be reached: clients are disconnected, and the socket is hidden for a while."""
    client, socket = _connected(scene), scene.up.data.socket()
    hidden = socket.with_suffix(".hidden")
    socket.rename(hidden)
    try:
        for kind in ("normal", "pubsub"):
            client.client_kill_filter(_type=kind, skipme=True)
        scene.last(OUTAGE)
    finally:
        hidden.rename(socket)


def _fill_disk(scene: Scene) -> None:
    scene.up.disk.fill()
    try:
        scene.last(OUTAGE)
    finally:
        scene.up.disk.free()


def _restart_postgres(signum: int, seconds: float, scene: Scene) -> None:
    assert scene.postgres is not None
    scene.postgres.stop(signum)
    try:
        scene.last(seconds)
    finally:
        scene.postgres.start()


def _kill_backend(scene: Scene) -> None:
    """One backend is killed: the server disconnects every client and recovers."""
    assert scene.postgres is not None
    with psycopg.connect(scene.postgres.conninfo()) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    if row is not None:
        os.kill(int(row[0]), signal.SIGKILL)


def _hang_pattern(scene: Scene) -> None:
    """A seed whose pattern takes years where a search goes back and tries again; a server makes use of it."""
    scene.load.crawl_slow_pattern()
    scene.last(READING)


def _poison_validator(scene: Scene) -> None:
    """A page answers with a validator that cannot be sent back, each time that it is asked for."""
    with scene.load.poisoned_validator():
        scene.last(READING)


def _read_nothing(scene: Scene) -> None:
    """Four downloads are begun and not read. The site must answer others, unless it has died meanwhile."""
    web = scene.up.pid("web", scene.go_on)
    while not scene.up.answers():
        scene.go_on(0.1)
    try:
        reader = scene.up.reader()
    except OSError:  # another fault takes the site away
        return
    with contextlib.suppress(OSError), reader.reading_nothing("download/pages.jsonl", READERS):
        scene.last(READING)
        silent = [path for path in ("health/", "login/") if not reader.answers(path)]
        if silent and scene.up.pid("web", scene.go_on) == web:
            scene.broken.append(f"{READERS} readers who do not read: no answer to {', '.join(silent)}")


FAULTS: dict[str, Callable[[Scene], None]] = {
    **{f"kill -9 {name}": partial(_kill, name) for name in (*WORKERS, "beat", "web", "valkey")},
    "kill -9 a parser": _kill_parser,
    **{f"SIGTERM {name}": partial(_restart, name) for name in WORKERS},
    "SIGSTOP worker-fetch": partial(_freeze, "worker-fetch", FROZEN),
    "SIGSTOP worker-store": partial(_freeze, "worker-store", FROZEN),
    "SIGSTOP worker-parse": partial(_freeze, "worker-parse", FROZEN),
    "SIGSTOP beat": partial(_freeze, "beat", FROZEN),
    "SIGSTOP valkey": partial(_freeze, "valkey", OUTAGE),
    "Redis out of reach": _part,
    "FLUSHALL": _flush,
    "FLUSHALL and kill -9 valkey": _kill_and_forget,
    "archive full": _fill_disk,
    "a pattern that hangs": _hang_pattern,
    "a validator that poisons": _poison_validator,
    "four readers who do not read": _read_nothing,
}
ON_POSTGRES: dict[str, Callable[[Scene], None]] = {
    "restart PostgreSQL": partial(_restart_postgres, signal.SIGINT, 0.0),
    "crash PostgreSQL": partial(_restart_postgres, signal.SIGQUIT, 0.0),
    "stop PostgreSQL": partial(_restart_postgres, signal.SIGINT, OUTAGE),
    "kill -9 a backend of PostgreSQL": _kill_backend,
}


def plan(dice: random.Random, *, postgres: bool) -> Iterator[tuple[str, Callable[[Scene], None]]]:
    """Faults without end: all in a random order, then all in another order."""
    every = FAULTS | (ON_POSTGRES if postgres else {})
    while True:
        names = list(every)
        dice.shuffle(names)
        for name in names:
            yield name, every[name]


def kinds(*, postgres: bool) -> set[str]:
    """The names of all faults."""
    return set(FAULTS) | (set(ON_POSTGRES) if postgres else set())
