"""What the embedded mode runs: each child process with its program and environment.

Our own programs are forked from the keeper where that can be done, else started with their command line.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import ModuleType

from crawler.lanes import Lane
from embedded import valkey
from embedded.datadir import DataFolder
from embedded.fork import CAN_FORK
from embedded.programs import beat as beat_program
from embedded.programs import worker as worker_program
from embedded.settings_again import read_settings_again
from embedded.supervisor import Service, python
from scheduler.process.lifeline import KEEPER
from scheduler.process.lifeline import VARIABLE as DIE_WITH_PARENT
from scheduler.queues import CONTROL, Stage, queue_name

VALKEY = "valkey"
FETCH, STORE, PARSE, URGENT = "worker-fetch", "worker-store", "worker-parse", "worker-urgent"
THREADS = 8  # of a worker that does not parse
CHILD = {
    DIE_WITH_PARENT: "1",
    KEEPER: str(os.getpid()),
    "CELERY_SKIP_CHECKS": "1",
    "CRAWLBEAT_SHUTDOWN_SECONDS": "5",  # after that a worker gives unfinished work back
    "PYTHONUNBUFFERED": "1",
}


def server(folder: DataFolder, on_death: Callable[[], object]) -> Service:
    """The embedded Valkey; stopped last."""
    return Service(VALKEY, valkey.command(folder.socket(), folder.path), stage=0, on_death=on_death)


def program(name: str, module: ModuleType, words: Sequence[str], variables: Mapping[str, str]) -> Service:
    """A program of ours: a module whose ``main`` takes the words of its command line."""
    main = partial(_run, module, words) if CAN_FORK else None
    return Service(name, python(module.__name__, *words), {**CHILD, **variables}, main)


def _run(module: ModuleType, words: Sequence[str]) -> None:
    read_settings_again()  # its variables differ from the keeper's
    module.main(words)


def beat(on_death: Callable[[], object]) -> Service:
    """The clock. ``on_death`` is called after it died, to free its lock."""
    return replace(program("beat", beat_program, [], {}), on_death=on_death)


def workers(on_death: Callable[[str], object]) -> list[Service]:
    """The workers of ``up``: one for urgent work, and one for each stage of the rest.

    ``on_death`` is called with the node name of a worker that died, to give its work back.
    """
    urgent = [queue_name(Stage.FETCH, Lane.URGENT), queue_name(Stage.STORE, Lane.URGENT)]
    fetch = [queue_name(Stage.FETCH, lane) for lane in (Lane.NORMAL, Lane.BULK)]
    return [_worker(URGENT, urgent, on_death), _worker(FETCH, fetch, on_death), *_read_and_keep(on_death)]


def crawl_workers(on_death: Callable[[str], object]) -> list[Service]:
    """The workers of a ``crawl`` without an ``up``: one for each stage, quick to stop."""
    fetch = _worker(FETCH, [queue_name(Stage.FETCH, lane) for lane in Lane], on_death)
    return [replace(service, grace=1.0) for service in (fetch, *_read_and_keep(on_death))]


def _read_and_keep(on_death: Callable[[str], object]) -> list[Service]:
    parse = [queue_name(Stage.PARSE, lane) for lane in Lane]
    store = [queue_name(Stage.STORE, lane) for lane in Lane]
    return [_worker(PARSE, parse, on_death), _worker(STORE, [CONTROL, *store], on_death)]


def nodes() -> list[str]:
    """The node names of all workers on this machine, of ``up`` and of ``crawl``."""
    return [node_name(name) for name in (URGENT, FETCH, PARSE, STORE)]


def node_name(worker: str) -> str:
    """A worker's name among all workers."""
    return f"{worker}@{socket.gethostname()}"


def _worker(name: str, queues: Sequence[str], on_death: Callable[[str], object]) -> Service:
    """One worker; parsing is prefork, a process a core: a page that kills its parser kills nothing else."""
    pool, size = ("prefork", os.cpu_count() or 1) if name == PARSE else ("threads", THREADS)
    return worker(name, queues, pool, size, on_death)


def worker(
    name: str, queues: Sequence[str], pool: str, size: int, on_death: Callable[[str], object]
) -> Service:
    """A worker for some queues, the first one first."""
    words = ["-n", node_name(name), "-Q", ",".join(queues), "-P", pool, "-c", str(size)]
    variables = {"CRAWLBEAT_PROCESS": "threads" if pool == "threads" else "single"}
    service = program(name, worker_program, words, variables)
    return replace(service, on_death=lambda: on_death(node_name(name)))
