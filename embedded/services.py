"""What the embedded mode runs: each child process with its command line and environment."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.conf import settings

from crawler.lanes import Lane
from embedded import valkey
from embedded.datadir import DataFolder
from embedded.supervisor import Service, python
from scheduler.process.lifeline import KEEPER
from scheduler.process.lifeline import VARIABLE as DIE_WITH_PARENT
from scheduler.queues import CONTROL, Stage, queue_name

VALKEY = "valkey"
MAIN, URGENT, PARSE, CRAWL = "worker-main", "worker-urgent", "worker-parse", "worker-crawl"
PARSE_QUEUES = [queue_name(Stage.PARSE, lane) for lane in Lane]
THREADS = 8  # of a fetch and store worker: one holds a session, the others store
CHILD = {
    DIE_WITH_PARENT: "1",
    KEEPER: str(os.getpid()),
    "CELERY_SKIP_CHECKS": "1",
    "CRAWLBEAT_SHUTDOWN_SECONDS": "5",  # after that a worker gives unfinished work back
    "PYTHONUNBUFFERED": "1",
}


def server(folder: DataFolder) -> Service:
    """The embedded Valkey; stopped last."""
    return Service(VALKEY, valkey.command(folder.socket(), folder.path), stage=0)


def web(host: str, port: int) -> Service:
    """The site."""
    command = python("granian", "djsite.wsgi:application", "--interface", "wsgi", "--no-ws")
    command += ["--host", host, "--port", str(port), "--workers", "1", "--blocking-threads", "4"]
    command += ["--workers-kill-timeout", "3"]
    hosts = ",".join(_names(host))
    return Service("web", command, {**CHILD, "CRAWLBEAT_PROCESS": "threads", "ALLOWED_HOSTS": hosts})


def _names(host: str) -> list[str]:
    """The names by which a browser may ask for the site: ALLOWED_HOSTS, or those of ``host``."""
    names = list(settings.ALLOWED_HOSTS)
    if names != settings.LOOPBACK_NAMES:
        return names
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        names += [socket.gethostname(), socket.getfqdn()]
    elif host not in names:
        names.append(f"[{host}]" if ":" in host else host)
    return names


def beat(on_death: Callable[[], object]) -> Service:
    """The clock. ``on_death`` is called after it died, to free its lock."""
    command = python("celery", "-A", "scheduler.app", "beat", "--loglevel", "INFO")
    return Service("beat", command, CHILD, on_death=on_death)


def workers(on_death: Callable[[str], object]) -> list[Service]:
    """The workers of ``up``: one for urgent work, one for the rest, one that parses.

    ``on_death`` is called with the node name of a worker that died, to give its work back.
    """
    urgent = [queue_name(Stage.FETCH, Lane.URGENT), queue_name(Stage.STORE, Lane.URGENT)]
    fetch = [queue_name(Stage.FETCH, lane) for lane in (Lane.NORMAL, Lane.BULK)]
    store = [queue_name(Stage.STORE, lane) for lane in Lane]
    return [
        _worker(MAIN, [*store, CONTROL, *fetch], on_death),
        _worker(URGENT, urgent, on_death),
        _worker(PARSE, PARSE_QUEUES, on_death),
    ]


def crawl_workers(on_death: Callable[[str], object]) -> list[Service]:
    """The workers of a ``crawl`` without an ``up``: few, so that they start quickly, and quick to stop."""
    queues = [queue_name(stage, lane) for stage in (Stage.STORE, Stage.FETCH) for lane in Lane]
    crawl_and_parse = [_worker(CRAWL, [*queues, CONTROL], on_death), _worker(PARSE, PARSE_QUEUES, on_death)]
    return [replace(service, grace=1.0) for service in crawl_and_parse]


def nodes() -> list[str]:
    """The node names of all workers on this machine, of ``up`` and of ``crawl``."""
    return [node_name(name) for name in (MAIN, URGENT, PARSE, CRAWL)]


def node_name(worker: str) -> str:
    """A worker's name among all workers."""
    return f"{worker}@{socket.gethostname()}"


def _worker(name: str, queues: Sequence[str], on_death: Callable[[str], object]) -> Service:
    """One worker; parsing is prefork, a process a core: a page that kills its parser kills nothing else."""
    pool, size = ("prefork", os.cpu_count() or 1) if name == PARSE else ("threads", THREADS)
    options = ["-P", pool, "-c", str(size), "-n", node_name(name), "-Q", ",".join(queues)]
    options += ["--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Service(
        name,
        python("celery", "-A", "scheduler.app", "worker", *options),
        {**CHILD, "CRAWLBEAT_PROCESS": "threads" if pool == "threads" else "single"},
        on_death=lambda: on_death(node_name(name)),
    )


def shop(port: int) -> Service:
    """The demo's shop."""
    return Service("shop", python("embedded.shop", "--port", str(port)), CHILD)
