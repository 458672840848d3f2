"""Many seeds due in the same second: how late they are opened, and what the clock costs for the others."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from benchmarks.options import DATABASES
from benchmarks.orders import carry_out
from benchmarks.report import Report, spread

SEEDS, DUE, ROUNDS = 10_000, 1_000, 5
QUICK = (200, 50, 1)
LATE = 10.0  # seconds, p99
LOCK = 30.0  # seconds that beat's lock lasts


class Order(msgspec.Struct, frozen=True):
    """How many seeds there are, how many of them come due at once, and how often."""

    seeds: int
    due: int
    rounds: int


class Round(msgspec.Struct):
    """How late the runs of one second were open, in seconds."""

    median: float
    p99: float
    last: float


class Outcome(msgspec.Struct):
    """What was found; times in seconds."""

    rounds: list[Round] = []
    reconcile: float = 0.0  # CPU of comparing all entries with all seeds, in the worker
    longest_tick: float = 0.0  # of beat, with every seed due
    entry_bytes: float = 0.0  # of Redis, an entry


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    seeds, due, rounds = QUICK if options.quick else (SEEDS, DUE, options.rounds or ROUNDS)
    report = Report("schedules", {"seeds": seeds, "due at once": due, "rounds": rounds})
    for database in options.database or DATABASES:
        found, _ = carry_out(
            "benchmarks.schedules_work", Order(seeds, due, rounds), Outcome,
            folder=scratch / database, database=database, variables={},
        )  # fmt: skip
        _tell(report, database, found)
    return report


def _tell(report: Report, name: str, found: Outcome) -> None:
    worst = max(one.p99 for one in found.rounds)
    report.add(f"{name}: seconds late, median", spread([one.median for one in found.rounds]))
    told = spread([one.p99 for one in found.rounds])
    report.add(f"{name}: seconds late, p99", told, f"under {LATE:g}", worst < LATE)
    report.add(f"{name}: seconds late, the last", spread([one.last for one in found.rounds]))
    report.add(
        f"{name}: beat's longest tick with all seeds due, s", f"{found.longest_tick:.2f}",
        f"under its lock of {LOCK:g}", found.longest_tick < LOCK,
    )  # fmt: skip
    report.add(f"{name}: CPU of a reconcile (every 20 s), s", f"{found.reconcile:.2f}")
    report.add(f"{name}: bytes of Redis an entry", f"{found.entry_bytes:.0f}")
    report.raw[name] = msgspec.to_builtins(found)
