"""Commands of Crawlbeat itself, as the benches measure them: their kinds of processes, and their database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.kit.cpu import Role, tree_cpu
from benchmarks.kit.measured_command import Command, Cost, run
from tests.harness.servers import postgres

ROLES = (
    ("valkey", "valkey-server"),
    ("parse", "worker-parse"),
    ("fetch", "worker-fetch"),
    ("store", "worker-store"),
    ("command", r"console crawl|benchmarks\.fleet"),
)
"""The kinds of our processes, by their names and command lines."""


def run_on(database: str, command: Command) -> Cost:
    """Run a command of ours on SQLite, or on a PostgreSQL of its own whose CPU is counted too."""
    with database_for(database, command.folder) as (variables, server):
        return run_beside(server, replace(command, environment={**command.environment, **variables}))


def run_beside(server: int, command: Command) -> Cost:
    """Run a command of ours, and count the CPU of the database server that it uses (0: it has none)."""
    before = tree_cpu(server) if server else 0.0
    cost = run(command)
    if not server:
        return cost
    used = tree_cpu(server) - before
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
        yield {"DATABASE_URL": f"postgres://crawlbeat@/{scratch / 'postgres'}/crawlbeat"}, server_of(scratch)


def server_of(scratch: Path) -> int:
    """The process id of the PostgreSQL that runs in a folder."""
    return int((scratch / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
