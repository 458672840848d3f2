"""A crawl under scheduled and urgent load while everything that can die, hang or fill up does so.

This module is the bench's side; ``benchmarks.chaos_work`` is what runs. The same driver is the acceptance
test ``tests/acceptance/chaos``, at a tenth of all times.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.job import ROOT, BenchError, clean_environment
from benchmarks.options import DATABASES
from benchmarks.report import Report
from embedded.datadir import DataFolder

QUICK_SCALE = 0.1


class Order(msgspec.Struct, frozen=True):
    """What is to be suffered."""

    database: str = "sqlite"
    pages: int = 700  # on each of two hosts
    minutes: float = 0.0  # how long faults go on; each happens once at least, however long that takes
    scale: float = 1.0  # CRAWLBEAT_TIME_SCALE: of leases, sweeps, outages and pauses
    dice: int = 0
    together: int = 1  # faults at a time


class Outcome(msgspec.Struct):
    """What happened, and which promises were broken by it (none)."""

    faults: dict[str, int] = {}
    broken: list[str] = []
    recovered: dict[str, float] = {}  # seconds until the crawl went on after a fault had ended, at worst
    seconds: float = 0.0
    settled_in: float = 0.0  # seconds from the last fault to the end of the last run
    runs: dict[str, int] = {}  # by kind
    pages: int = 0  # stored or found unchanged, over all runs
    requests: int = 0
    repeats: int = 0  # requests that no visit and no retry accounts for
    in_hand: int = 0  # pages in flight, summed over the faults
    slots: dict[str, int] = {}  # by state
    refused: int = 0  # orders that could not be taken, for want of a database
    expiries: int = 0  # leases that ended by time
    disk: str = ""  # how a full one was made


def suffer(order: Order, folder: Path) -> Outcome:
    """Run it all in a folder of its own."""
    folder.mkdir(parents=True)
    (folder / "order.json").write_bytes(msgspec.json.encode(order))
    with (folder / "chaos.log").open("wb") as log:
        command = [sys.executable, "-m", "benchmarks.chaos_work", str(folder)]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=_environment(order, folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    if done.returncode:
        told = (folder / "chaos.log").read_text(errors="replace")[-4000:]
        raise BenchError(f"the chaos ended with {done.returncode}; it wrote:\n{told}")
    return msgspec.json.decode((folder / "outcome.json").read_bytes(), type=Outcome)


def _environment(order: Order, folder: Path) -> dict[str, str]:
    """The settings of the installation that suffers: those of an ``up`` on this folder."""
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
        _tell(report, database, suffer(order, scratch / database))
    return report


def _tell(report: Report, name: str, found: Outcome) -> None:
    def add(what: str, figure: int | float, *goal: object) -> None:
        report.add(f"{name}: {what}", f"{figure:,.0f}", *goal)  # type: ignore[arg-type]

    add("faults", sum(found.faults.values()))
    add("promises broken", len(found.broken), "0", not found.broken)
    add("runs", sum(found.runs.values()))
    add("pages stored or found unchanged", found.pages)
    allowed = found.in_hand
    add("requests repeated", found.repeats, f"at most {allowed:,} in flight", found.repeats <= allowed)
    add("due times accounted for", sum(found.slots.values()))
    add("seconds until the crawl went on, median", median(found.recovered.values()))
    slowest = max(found.recovered, key=lambda fault: found.recovered[fault])
    add(f"seconds until the crawl went on, at most ({slowest})", found.recovered[slowest])
    add("seconds until the last run had ended", found.settled_in)
    report.notes += [f"{name}: {sentence}" for sentence in found.broken]
    report.raw[name] = msgspec.to_builtins(found)
