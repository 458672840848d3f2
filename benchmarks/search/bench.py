"""The index of words: pages indexed a second, its size, and the time of a search."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.browse.bench import p95
from benchmarks.kit.measured_command import Command
from benchmarks.kit.options import DATABASES
from benchmarks.kit.our_processes import run_on
from benchmarks.kit.report import Report

PAGES, QUICK = 100_000, 500
P95 = 300  # ms


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    pages = options.pages or (QUICK if options.quick else PAGES)
    report = Report("search", {"pages": pages})
    for database in options.database or DATABASES:
        figures = _measure(pages, scratch / database, database)
        _add_rows(report, database, figures)
        report.raw[database] = figures
    return report


def _measure(pages: int, folder: Path, database: str) -> dict[str, Any]:
    data = folder / "data"
    data.mkdir(parents=True)
    variables = {
        "DJANGO_SETTINGS_MODULE": "djsite.settings",
        "CRAWLBEAT_DATA": str(data),
        "SECRET_KEY": "of-a-bench-" + "x" * 50,
    }
    result = folder / "figures.json"
    words = [sys.executable, "-m", "benchmarks.search.work", str(pages), str(result)]
    run_on(database, Command(words, folder, variables))
    figures: dict[str, Any] = json.loads(result.read_text())
    return figures


def _add_rows(report: Report, database: str, figures: dict[str, Any]) -> None:
    report.add(f"{database}: indexed a second", f"{figures['indexed']:,.0f}")
    report.add(f"{database}: CPU of the worker a page indexed, ms", f"{figures['index_cpu']:.2f}")
    report.add(f"{database}: the slowest transaction, ms", f"{figures['slowest']:,.0f}")
    report.add(f"{database}: bytes a page of {figures['words']:,.0f} words", f"{figures['bytes']:,.0f}")
    began, ended = figures["load"]
    report.add(f"{database}: load of the machine, first to last search", f"{began:.1f}, {ended:.1f}")
    for name, costs in figures["searches"].items():
        walls, cpus = zip(*costs, strict=True)
        slow = p95(walls)
        report.add(f"{database}: {name}, p50, p95 ms", _both(walls), f"p95 under {P95}", slow < P95)
        report.add(f"{database}: {name}, CPU, p50, p95 ms", _both(cpus))


def _both(times: Sequence[float]) -> str:
    """A machine that is busy spoils the times, but hardly those of CPU."""
    return f"{median(times):,.0f}, {p95(times):,.0f}"
