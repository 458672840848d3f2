"""Who does the whole job: Crawlbeat on each database, and its peers, all with the same settings."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.cpu import Role, tree_cpu
from benchmarks.job import ROOT, BenchError, Cost, Job, run
from benchmarks.site import FIELDS
from tests.harness.servers import postgres

HERE = Path(__file__).resolve().parent
ROLES = (
    ("valkey", "valkey-server"),
    ("parse", "worker-parse"),
    ("fetch", "worker-fetch"),
    ("store", "worker-store"),
    ("fetch and store", "worker-crawl"),
    ("command", r"embedded crawl|benchmarks\.fleet"),
)
"""The kinds of our processes, by their command lines."""


@dataclass(frozen=True)
class Task:
    """What is to be crawled, and how."""

    urls: list[str]
    hosts: list[str]
    connections: int  # to a host
    delay: float = 0.0  # seconds


@dataclass(frozen=True)
class Contender:
    """A crawler: its name, and what runs a task in a folder."""

    name: str
    crawl: Callable[[Task, Path], Cost]


def crawlbeat(database: str) -> Contender:
    """``crawlbeat crawl`` on sqlite or postgres."""
    return Contender(f"crawlbeat {database}", lambda task, folder: _crawlbeat(task, folder, database))


def _crawlbeat(task: Task, folder: Path, database: str) -> Cost:
    command = [sys.executable, "-P", "-m", "console", "crawl", "--data", str(folder / "data"), *task.urls]
    command += ["--allow-network", "127.0.0.0/8", "--delay", f"{task.delay:g}"]
    command += ["--per-host", str(task.connections), "-o", str(folder / "pages.jsonl")]
    command += [word for name, css in FIELDS.items() for word in ("--field", f"{name}={css}")]
    return run_on(database, Job(command, folder, roles=ROLES))


def run_on(database: str, job: Job) -> Cost:
    """Run a job of ours on SQLite, or on a PostgreSQL of its own whose CPU is counted too."""
    with database_for(database, job.folder) as (variables, server):
        before = tree_cpu(server) if server else 0.0
        cost = run(replace(job, environment={**job.environment, **variables}))
        used = tree_cpu(server) - before if server else 0.0
    if not server:
        return cost
    roles = {**cost.roles, "postgres": Role(used)}
    return replace(cost, cpu=cost.cpu + used, roles=roles)


@contextlib.contextmanager
def database_for(kind: str, folder: Path) -> Iterator[tuple[Mapping[str, str], int]]:
    """The variables that select a database, and the process id of its server (0 for SQLite)."""
    if kind == "sqlite":
        yield {}, 0
        return
    scratch = folder / "db"
    scratch.mkdir(parents=True)
    with postgres(scratch, durable=True):
        server = int((scratch / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        yield {"DATABASE_URL": f"postgres://crawlbeat@/{scratch / 'postgres'}/crawlbeat"}, server


class Peers:
    """The other crawlers, in an environment of their own that is made when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        """``folder``: where that environment is, or will be."""
        self._folder = folder

    def scrapy(self) -> Contender:
        return Contender("scrapy", lambda task, folder: self._run("scrapy_job", task, folder))

    def crawlee(self) -> Contender:
        return Contender("crawlee", lambda task, folder: self._run("crawlee_job", task, folder))

    def install(self) -> None:
        """Make the environment, or bring it in step with ``peers.txt``."""
        command = [sys.executable, "-I", str(ROOT / "embedded" / "install.py")]
        command += [str(self._folder), str(HERE / "peers.txt")]
        if subprocess.run(command, stdin=subprocess.DEVNULL).returncode:
            raise BenchError("the peers could not be installed; --peers none leaves them out")

    def versions(self) -> dict[str, str]:
        """The peers' versions."""
        wanted = (HERE / "peers.in").read_text().split()
        return {line.partition("==")[0]: line.partition("==")[2] for line in wanted}

    def _run(self, script: str, task: Task, folder: Path) -> Cost:
        folder.mkdir(parents=True)
        order: dict[str, Any] = {
            "urls": task.urls,
            "hosts": task.hosts,
            "connections": task.connections,
            "delay": task.delay,
            "fields": FIELDS,
            "output": str(folder / "pages.jsonl"),
        }
        (folder / "order.json").write_text(json.dumps(order))
        python = self._folder / "bin" / "python"
        command = [str(python), str(HERE / "peers" / f"{script}.py"), str(folder / "order.json")]
        return run(Job(command, folder))
