"""Orders to a fleet: start these workers, give them these seeds all at once, wait until every run has ended.

The benches use this module; :mod:`benchmarks.fleet.work` is the process that carries an order out.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.kit.bench_order import carry_out
from benchmarks.kit.measured_command import Cost


class Workers(msgspec.Struct, frozen=True):
    """Worker processes of one kind. ``parse`` workers have children, all others have threads."""

    name: str
    stages: tuple[str, ...] = ("parse",)  # and "control"
    count: int = 1
    concurrency: int = 0  # of each: threads or children; 0 is as many as in real use


class Seeding(msgspec.Struct, frozen=True):
    """A seed that is crawled once."""

    start_urls: tuple[str, ...]
    delay: float = 0.0
    per_host: int = 1
    scope: str = "host"


class Order(msgspec.Struct, frozen=True):
    """What a fleet does: it crawls the seeds to the end. With ``then`` it parses after it has fetched all."""

    workers: tuple[Workers, ...]
    seeding: tuple[Seeding, ...]
    then: tuple[Workers, ...] = ()  # they replace ``workers`` when all pages are fetched
    variables: dict[str, str] = {}
    wait_for: int = 0  # end when the runs of so many seeds, the first ones, have ended; 0: of all


class Outcome(msgspec.Struct):
    """What a fleet did."""

    discovered: int = 0
    stored: int = 0
    messages: int = 0  # sent to Celery's queues
    batches: int = 0
    parse_seconds: float = 0.0  # that ``then`` took for all batches


class Crawled(msgspec.Struct):
    """A fleet's outcome and its cost."""

    outcome: Outcome
    cost: Cost


def crawl_by_fleet(order: Order, folder: Path, database: str) -> Crawled:
    """Run a fleet in a folder of its own."""
    outcome, cost = carry_out(
        "benchmarks.fleet.work", order, Outcome, folder=folder, database=database, variables=order.variables
    )
    return Crawled(outcome, cost)
