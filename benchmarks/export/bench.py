"""Files of each format: rows a second of the command that writes them, and whether its memory is flat."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from benchmarks.browse.bench import export_cost
from benchmarks.browse.kept import installation
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report

PAGES, QUICK = 1_000_000, 800
FORMATS = ("jsonl", "csv", "json", "xlsx", "parquet", "sqlite")
QUICK_FORMATS = ("xlsx",)
GOALS = {"jsonl": 20_000, "csv": 20_000, "xlsx": 10_000, "parquet": 10_000}  # rows a second, at least
GROWTH = {"parquet": 150}  # MB beyond a file of few rows: a row group is in memory
OTHERS_GROWTH = 40

Costs = Mapping[
    str, Mapping[str, float]
]  # by format, as of a command, and growth in MB beyond a file of few rows


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench, on the installations of ``bench browse``."""
    pages = options.pages or (QUICK if options.quick else PAGES)
    report = Report("export", {"pages": pages})
    databases = options.database or (DATABASES[:1] if options.quick else DATABASES)
    for database in databases:
        folder = options.data / "bench" / "browse" / f"{database}-{pages}"
        with installation(database, pages, folder) as place:
            costs = {}
            for form in QUICK_FORMATS if options.quick else FORMATS:
                few = export_cost(place, scratch, "records", form, seed="site 201")["megabytes"]
                cost = export_cost(place, scratch, "records", form)
                costs[form] = {**cost, "growth": cost["megabytes"] - few}
        add_rows(report, database, costs)
        report.raw[database] = costs
    return report


def add_rows(report: Report, database: str, costs: Costs) -> None:
    """The figures of a database with their goals."""
    for form, cost in costs.items():
        what, speed, goal = f"{database}: {form}", cost["speed"], GOALS.get(form)
        wanted = f"at least {goal:,}" if goal else ""
        report.add(f"{what}, rows a second", f"{speed:,.0f}", wanted, speed >= goal if goal else None)
        report.add(f"{what}, rows a second of CPU", f"{cost['a CPU second']:,.0f}")
        most = GROWTH.get(form, OTHERS_GROWTH)
        grown = cost["growth"]
        report.add(f"{what}, MB beyond few rows", f"{grown:.0f}", f"under {most}", grown < most)
