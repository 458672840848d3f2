"""Stored versions read again by new rules, promoted, and all of it once more while workers are killed."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from benchmarks.kit.bench_order import carry_out
from benchmarks.kit.measured_command import Cost
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report

VERSIONS, QUICK = 100_000, 400
PACE = 500.0  # goal: versions a second, while they are read
GROWTH = 0.10  # goal: of a worker's size, after the first tenth
KILLS = 3
MB = 2**20


class Order(msgspec.Struct, frozen=True):
    """How many versions are stored, and how often workers are killed the second time."""

    versions: int
    kills: int


class Times(msgspec.Struct):
    """When it was (monotonic seconds); the steps follow each other."""

    began: float = 0.0
    tenth: float = 0.0  # of the versions was read
    read: float = 0.0
    compared: float = 0.0
    promoted: float = 0.0  # and tidied up
    load: float = 0.0  # of the machine, in the end


class Outcome(msgspec.Struct):
    """Of both rereadings: times, and hashes of everything that they have left."""

    undisturbed: Times
    disturbed: Times
    hashes: dict[str, list[str]] = {}  # of records, versions and feed: undisturbed and disturbed
    killed: list[str] = []  # worker and step
    filling: float = 0.0  # seconds
    records: int = 0
    unread: dict[str, int] = {}


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    versions = QUICK if options.quick else options.pages or VERSIONS
    report = Report("reextract", {"versions": versions, "killed": KILLS})
    for database in options.database or DATABASES:
        outcome, cost = carry_out(
            "benchmarks.reextract.work", Order(versions, KILLS), Outcome,
            folder=scratch / database, database=database, variables={},
        )  # fmt: skip
        _add_rows(report, database, versions, outcome)
        cpu = cost.roles["parse"].seconds / (2 * versions) * 1000  # all is read twice
        report.add(f"{database}: CPU of the reading worker, ms a version", f"{cpu:.2f}")
        for kind in ("parse", "store"):
            _add_size(report, f"{database}: {kind}", kind, outcome.undisturbed, cost)
        report.raw[database] = {"outcome": msgspec.to_builtins(outcome), "sizes": list(cost.sizes)}
    return report


def _add_rows(report: Report, name: str, versions: int, outcome: Outcome) -> None:
    times = outcome.undisturbed
    pace = versions / (times.read - times.began)
    report.add(f"{name}: versions read a second", f"{pace:.0f}", f"{PACE:.0f}", pace >= PACE)
    report.add(f"{name}: records compared a second", _pace(outcome.records, times.compared - times.read))
    report.add(f"{name}: records promoted a second", _pace(outcome.records, times.promoted - times.compared))
    report.add(
        f"{name}: versions that could not be read", f"{sum(outcome.unread.values())}", "0", not outcome.unread
    )
    report.add(f"{name}: load of the machine in the end", f"{times.load:.1f}")
    killed = len(outcome.killed)
    report.add(
        f"{name}: workers killed", f"{killed}: {', '.join(outcome.killed)}", f"{KILLS}", killed == KILLS
    )
    disturbed = outcome.disturbed
    seconds = f"{disturbed.promoted - disturbed.began:.0f} s instead of {times.promoted - times.began:.0f} s"
    report.add(f"{name}: with these", seconds)
    for what, (one, other) in outcome.hashes.items():
        report.add(
            f"{name}: {what} as undisturbed", "equal" if one == other else "DIFFERENT", "equal", one == other
        )


def _pace(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}" if seconds else "too quick"


def _add_size(report: Report, name: str, kind: str, times: Times, cost: Cost) -> None:
    """The largest process of a kind in the first tenth of the reading, and later."""
    sizes = [(at, of_kind[kind] / MB) for at, of_kind in cost.sizes if kind in of_kind]
    early = max((size for at, size in sizes if times.began < at <= times.tenth), default=0.0)
    late = max((size for at, size in sizes if times.tenth < at <= times.promoted), default=0.0)
    if not early or not late:
        report.notes.append(f"{name}: too quick for its size to be seen")
        return
    figure = f"{early:.0f}, {late:.0f} ({late / early - 1:+.1%})"
    report.add(
        f"{name}: MB after a tenth, in the end", figure, f"{GROWTH:+.0%}", late <= early * (1 + GROWTH)
    )
