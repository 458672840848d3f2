"""Many seeds that are due in the same second: how late their runs are opened, and what the clock costs."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from benchmarks.kit.bench_order import carry_out
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report, spread

SEEDS, DUE, ROUNDS = 10_000, 1_000, 5
QUICK = (200, 50, 1)
LATE = 10.0  # goal: seconds, p99
LOCK = 30.0  # seconds that beat's lock lasts


class Order(msgspec.Struct, frozen=True):
    """How many seeds there are, how many of them are due at once, and how often."""

    seeds: int
    due: int
    rounds: int


class Round(msgspec.Struct):
    """How late the runs that were due in one second were open, in seconds."""

    median: float
    p99: float
    last: float


class Outcome(msgspec.Struct):
    """What was measured; times in seconds."""

    rounds: list[Round] = []
    reconcile: float = 0.0  # CPU of comparing all entries with all seeds, in the worker
    longest_tick: float = 0.0  # of beat, when every seed is due
    entry_bytes: float = 0.0  # of Redis, an entry


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    seeds, due, rounds = QUICK if options.quick else (SEEDS, DUE, options.rounds or ROUNDS)
    report = Report("schedules", {"seeds": seeds, "due at once": due, "rounds": rounds})
    for database in options.database or DATABASES:
        outcome, _ = carry_out(
            "benchmarks.schedules.work", Order(seeds, due, rounds), Outcome,
            folder=scratch / database, database=database, variables={},
        )  # fmt: skip
        _add_rows(report, database, outcome)
    return report


def _add_rows(report: Report, name: str, outcome: Outcome) -> None:
    p99 = [figures.p99 for figures in outcome.rounds]
    report.add(f"{name}: seconds late, median", spread([figures.median for figures in outcome.rounds]))
    report.add(f"{name}: seconds late, p99", spread(p99), f"under {LATE:g}", max(p99) < LATE)
    report.add(f"{name}: seconds late, the last", spread([figures.last for figures in outcome.rounds]))
    report.add(
        f"{name}: beat's longest tick with all seeds due, s", f"{outcome.longest_tick:.2f}",
        f"under its lock of {LOCK:g}", outcome.longest_tick < LOCK,
    )  # fmt: skip
    report.add(f"{name}: CPU of a reconcile (every 20 s), s", f"{outcome.reconcile:.2f}")
    report.add(f"{name}: bytes of Redis an entry", f"{outcome.entry_bytes:.0f}")
    report.raw[name] = msgspec.to_builtins(outcome)
