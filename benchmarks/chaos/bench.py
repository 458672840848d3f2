"""A crawl under scheduled and urgent load while everything that can die, hang or fill up does so.

This module starts the bench and reports it; :mod:`benchmarks.chaos.work` is the process that runs it. The
acceptance test ``tests/acceptance/chaos`` uses the same code, with a tenth of all times.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.kit.measured_command import ROOT, BenchError, clean_environment
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report
from embedded.datadir import DataFolder

QUICK_SCALE = 0.1
FEED_KILLS = 100


class Order(msgspec.Struct, frozen=True):
    """What is to happen."""

    database: str = "sqlite"
    pages: int = 700  # on each of two hosts
    minutes: float = 0.0  # how long faults go on; but each happens once at least
    scale: float = 1.0  # CRAWLBEAT_TIME_SCALE: of leases, sweeps, outages and pauses
    dice: int = 0
    together: int = 1  # faults at the same time


class Outcome(msgspec.Struct):
    """What happened, and which promises it broke (none, if all is well)."""

    faults: dict[str, int] = {}
    broken: list[str] = []
    recovered: dict[str, float] = {}  # by fault: seconds from its end until the crawl went on, at most
    seconds: float = 0.0
    settled_in: float = 0.0  # seconds from the last fault to the end of the last run
    runs: dict[str, int] = {}  # by kind
    pages: int = 0  # stored or found unchanged, over all runs
    requests: int = 0
    repeats: int = 0  # requests that no visit and no retry accounts for
    in_hand: int = 0  # pages in flight when a fault happened, summed over the faults
    slots: dict[str, int] = {}  # by state
    refused: int = 0  # orders that could not be taken, because no database answered
    expiries: int = 0  # leases that ended because their time was over
    feed_kills: int = 0  # of a reader of the feed of changes
    records: int = 0
    earlier: int = 0  # values that records had before
    gone: int = 0  # records
    events: int = 0  # things that happened
    told: int = 0  # messages that a receiver took, doubles too
    doubles: int = 0
    untaken: int = 0  # messages that it did not take: it failed, hung or closed the connection
    shipments: int = 0  # of outlets of changes that have arrived
    shipped_gone: int = 0  # lines in these that say of a thing that it is gone
    disk: str = ""  # how the full disk was made


def run_chaos(order: Order, folder: Path) -> Outcome:
    """Run it in a folder of its own; raises BenchError with the end of its log when it could not be run."""
    folder.mkdir(parents=True)
    (folder / "order.json").write_bytes(msgspec.json.encode(order))
    with (folder / "chaos.log").open("wb") as log:
        command = [sys.executable, "-m", "benchmarks.chaos.work", str(folder)]
        process = subprocess.run(
            command,
            cwd=ROOT,
            env=_environment(order, folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    if process.returncode:
        log_end = (folder / "chaos.log").read_text(errors="replace")[-4000:]
        raise BenchError(f"the chaos ended with {process.returncode}; it wrote:\n{log_end}")
    return msgspec.json.decode((folder / "outcome.json").read_bytes(), type=Outcome)


def _environment(order: Order, folder: Path) -> dict[str, str]:
    """The settings of the installation: those of an ``up`` on this folder."""
    variables = {
        "DJANGO_SETTINGS_MODULE": "djsite.settings",
        "CRAWLBEAT_DATA": str(folder / "data"),
        "CRAWLBEAT_REDIS_SOCKET": str(DataFolder(folder / "data").socket()),
        "CRAWLBEAT_ARCHIVE": str(folder / "data" / "archive"),
        "CRAWLBEAT_TIME_SCALE": f"{order.scale:g}",
        "CRAWLBEAT_LOG_LEVEL": "WARNING",
        "SECRET_KEY": "of-the-chaos-" + "x" * 50,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "harness" / "child"), str(ROOT)]),
    }
    if order.database == "postgres":
        variables["DATABASE_URL"] = f"postgres://crawlbeat@/{folder / 'postgres'}/crawlbeat"
    return clean_environment() | variables


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    minutes = options.minutes or (0 if options.quick else 10)
    scale = QUICK_SCALE if options.quick else 1.0
    settings = {"minutes": minutes, "scale": scale, "dice": options.dice}
    report = Report("chaos", settings)
    for database in options.database or DATABASES:
        order = Order(database, minutes=minutes, scale=scale, dice=options.dice)
        add_rows(report, database, run_chaos(order, scratch / database))
    return report


def add_rows(report: Report, name: str, outcome: Outcome) -> None:
    """Report what happened on one database."""

    def add(what: str, figure: int | float, *goal: object) -> None:
        report.add(f"{name}: {what}", f"{figure:,.0f}", *goal)  # type: ignore[arg-type]

    add("faults", sum(outcome.faults.values()))
    add("promises broken", len(outcome.broken), "0", not outcome.broken)
    add("runs", sum(outcome.runs.values()))
    add("pages stored or found unchanged", outcome.pages)
    allowed = outcome.in_hand
    add("requests repeated", outcome.repeats, f"at most {allowed:,} in flight", outcome.repeats <= allowed)
    add("records", outcome.records)
    add("earlier values of records", outcome.earlier)
    add("records that are gone", outcome.gone)
    add("events", outcome.events)
    add("messages told", outcome.told)
    add("messages told twice, with the same id", outcome.doubles)
    add("messages that the receiver did not take", outcome.untaken)
    add("shipments of changes", outcome.shipments)
    add("things that these say are gone", outcome.shipped_gone)
    add("kills of a reader of the feed", outcome.feed_kills, "at least 100", outcome.feed_kills >= FEED_KILLS)
    add("due times accounted for", sum(outcome.slots.values()))
    add("seconds until the crawl went on, median", median(outcome.recovered.values()))
    slowest = max(outcome.recovered, key=lambda fault: outcome.recovered[fault])
    add(f"seconds until the crawl went on, at most ({slowest})", outcome.recovered[slowest])
    add("seconds until the last run had ended", outcome.settled_in)
    report.notes += [f"{name}: {sentence}" for sentence in outcome.broken]
    report.raw[name] = msgspec.to_builtins(outcome)
