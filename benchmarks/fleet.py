"""Crawls with workers of our choice: starts them, gives them seeds all at once, waits for every run to end.

This module is the benches' side; ``benchmarks.fleet_work`` is what runs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from benchmarks.contenders import ROLES, run_on
from benchmarks.job import Cost, Job
from embedded.datadir import DataFolder


class Workers(msgspec.Struct, frozen=True):
    """Worker processes of one kind. ``parse`` workers are prefork, all others threads."""

    name: str
    stages: tuple[str, ...] = ("parse",)  # and "control"
    count: int = 1
    concurrency: int = 0  # threads (8), or children where it parses (one a core)


class Seeding(msgspec.Struct, frozen=True):
    """A seed."""

    start_urls: tuple[str, ...]
    delay: float = 0.0
    per_host: int = 1
    scope: str = "host"


class Order(msgspec.Struct, frozen=True):
    """What a fleet does: it crawls the seeds to the end. With ``then``, it only fetches and then parses."""

    workers: tuple[Workers, ...]
    seeding: tuple[Seeding, ...]
    then: tuple[Workers, ...] = ()  # started, with the first stopped, once all batches are fetched
    variables: dict[str, str] = {}


class Outcome(msgspec.Struct):
    """What a fleet did."""

    discovered: int = 0
    stored: int = 0
    messages: int = 0  # put on Celery's queues
    batches: int = 0
    parse_seconds: float = 0.0  # from the first of ``then`` being ready to the last batch being parsed


class Crawled(msgspec.Struct):
    """A fleet's outcome and its cost."""

    outcome: Outcome
    cost: Cost


def crawl_by_fleet(order: Order, folder: Path, database: str) -> Crawled:
    """Run a fleet in a folder of its own."""
    folder.mkdir(parents=True)
    written = folder / "order.json"
    written.write_bytes(msgspec.json.encode(order))
    data = DataFolder(folder / "data")
    variables: Mapping[str, str] = {
        "DJANGO_SETTINGS_MODULE": "djsite.settings",
        "CRAWLBEAT_DATA": str(data.path),
        "CRAWLBEAT_REDIS_SOCKET": str(data.socket()),
        "SECRET_KEY": "of-a-bench-" + "x" * 50,
        **order.variables,
    }
    command = [sys.executable, "-m", "benchmarks.fleet_work", str(written)]
    cost = run_on(database, Job(command, folder, variables, ROLES))
    return Crawled(msgspec.json.decode((folder / "outcome.json").read_bytes(), type=Outcome), cost)
