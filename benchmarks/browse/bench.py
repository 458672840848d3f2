"""Large tables: the time of every route, of exports and of deletions, and how soon the commands answer."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.browse.kept import Installation, installation
from benchmarks.kit.measured_command import Command, run
from benchmarks.kit.options import DATABASES
from benchmarks.kit.our_processes import run_beside
from benchmarks.kit.report import Report
from benchmarks.processes.idle import up

PAGES, QUICK = 1_000_000, 200
REQUESTS = 20  # of each route and filter; 0: one of each route, to see that it answers
DOOMED = 25  # one page in so many is written anew, to be deleted
P95 = 300  # ms
ROWS, DELETED = 10_000, 2_000  # a second, at least
FIRST_BYTE = 1.0  # seconds
SECONDS = {"up": 6.0, "status": 2.0, "doctor": 10.0}
GROWTH = 30  # MB that an export of all rows may take beyond one of none
MB = 2**20
EXPORTS = [(kind, form) for kind in ("pages", "records") for form in ("jsonl", "csv")]


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench; the installations stay in ``bench/browse`` of the data folder."""
    pages = options.pages or (QUICK if options.quick else PAGES)
    requests = 0 if options.quick else options.rounds or REQUESTS
    report = Report("browse", {"pages": pages, "requests": requests})
    for database in options.database or DATABASES:
        folder = options.data / "bench" / "browse" / f"{database}-{pages}"
        with installation(database, pages, folder) as place:
            figures = _measure(place, scratch / database, requests, max(100, pages // DOOMED))
        _add_rows(report, database, figures)
        report.raw[database] = figures
    return report


def _measure(place: Installation, scratch: Path, requests: int, doomed: int) -> dict[str, Any]:
    scratch.mkdir()
    figures = _commands(place, scratch) if requests else {"exports": {}, "commands": {}}
    result = scratch / "figures.json"
    words = [sys.executable, "-m", "benchmarks.browse.work", str(result), str(requests), str(doomed)]
    run(Command(words, scratch, {**place.environment, "SECRET_KEY": "of-a-bench-" + "x" * 50}))
    return {**figures, **json.loads(result.read_text())}


def export_cost(place: Installation, scratch: Path, kind: str, form: str, seed: str = "") -> dict[str, float]:
    """Of the command that writes a file: rows a second, and a second of CPU with that of the database server;
    and the largest size of its process. Without a seed, of all.
    """
    file = scratch / f"export.{form}"
    of = ["--seed", seed] if seed else []
    words = [*_CRAWLBEAT, "export", kind, "--data", str(place.data), *of, "-o", str(file)]
    cost = run_beside(place.server, Command(words, scratch, place.variables, [("export", "console export")]))
    rows = json.loads(file.with_name(f"{file.name}.manifest.json").read_text())["rows"]
    file.unlink()
    megabytes = cost.roles["export"].rss / MB
    return {"rows": rows, "speed": rows / cost.wall, "a CPU second": rows / cost.cpu, "megabytes": megabytes}


_CRAWLBEAT = [sys.executable, "-P", "-m", "console"]


def _commands(place: Installation, scratch: Path) -> dict[str, Any]:
    """What the commands cost, each of which is a process: the small form of the bench leaves them out."""
    smallest = export_cost(place, scratch, "records", "jsonl", seed="site 201")["megabytes"]
    exports = {}
    for kind, form in EXPORTS:
        export = export_cost(place, scratch, kind, form, seed="site 0")
        exports[f"{kind} {form}"] = export | {"growth": export["megabytes"] - smallest}
    return {"exports": exports, "commands": _seconds(place, scratch)}


def _seconds(place: Installation, scratch: Path) -> dict[str, float]:
    """Seconds until ``up`` greets, and of the two commands that look at it."""
    began = time.monotonic()
    with up(scratch, place.data, place.variables):
        seconds = {"up": time.monotonic() - began}
        for name in ("status", "doctor"):
            words = [*_CRAWLBEAT, name, "--data", str(place.data)]
            wanted = ["sh", "-c", '"$@"; test $? -le 1', "sh", *words]  # 1: it has seen problems
            seconds[name] = run(Command(wanted, scratch, place.variables)).wall
    return seconds


def _add_rows(report: Report, database: str, figures: dict[str, Any]) -> None:
    def add(what: str, figure: float, form: str, goal: str, reached: bool) -> None:
        report.add(f"{database}: {what}", f"{figure:{form}}", goal, reached)

    for name, costs in figures["routes"].items():
        slow, cpu = (p95(list(times)) for times in zip(*costs, strict=True))
        figure = f"{slow:,.0f} ({cpu:,.0f})"
        report.add(f"{database}: {name}, p95 ms (of CPU)", figure, f"under {P95}", slow < P95)
    for name, export in figures["exports"].items():
        speed, growth = export["speed"], export["growth"]
        add(f"export {name}, rows a second", speed, ",.0f", f"at least {ROWS:,}", speed >= ROWS)
        add(f"export {name}, MB beyond one of few rows", growth, ".0f", f"under {GROWTH}", growth < GROWTH)
    for name, first in figures["first_bytes"].items():
        add(f"export {name}, first byte, s", first, ".2f", f"under {FIRST_BYTE:g}", first < FIRST_BYTE)
    deleted = figures["pruned"]
    add("pages pruned a second", deleted, ",.0f", f"at least {DELETED:,}", deleted >= DELETED)
    for name, seconds in figures["commands"].items():
        add(f"{name}, s", seconds, ".1f", f"under {SECONDS[name]:g}", seconds < SECONDS[name])


def p95(times: Sequence[float]) -> float:
    """The 95th percentile: of twenty the second slowest."""
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
