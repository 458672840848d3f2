"""Crawls with workers of our choice: starts them, gives them seeds all at once, waits for every run to end.

This module is the benches' side; ``benchmarks.fleet_work`` is what runs.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.job import Cost
from benchmarks.orders import carry_out


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
    outcome, cost = carry_out(
        "benchmarks.fleet_work", order, Outcome, folder=folder, database=database, variables=order.variables
    )
    return Crawled(outcome, cost)
