"""Large tables: the time of every route, of exports and of deletions, and how soon the commands answer."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.browse.kept import Installation, installation
from benchmarks.kit.measured_command import Command, run
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report
from benchmarks.processes.idle import up

PAGES, QUICK = 1_000_000, 800
REQUESTS = 20
DOOMED = 25  # one page in so many is written anew, to be deleted
P95 = {"sqlite": 500, "postgres": 300}  # ms
ROWS, DELETED = 10_000, 2_000  # a second, at least
FIRST_BYTE, UP, STATUS, DOCTOR = 1.0, 6.0, 2.0, 10.0  # seconds
GROWTH = 30  # MB that an export of all rows may take beyond one of none
MB = 2**20
EXPORTS = [(kind, form) for kind in ("pages", "records") for form in ("jsonl", "csv")]


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench; the installations stay in ``bench/browse`` of the data folder."""
    pages = options.pages or (QUICK if options.quick else PAGES)
    requests = 1 if options.quick else REQUESTS
    report = Report("browse", {"pages": pages, "requests": requests})
    for database in options.database or DATABASES:
        folder = options.data / "bench" / "browse" / f"{database}-{pages}"
        with installation(database, pages, folder) as place:
            figures = _measure(place, scratch / database, requests, max(200, pages // DOOMED))
        _add_rows(report, database, figures)
        report.raw[database] = figures
    return report


def _measure(place: Installation, scratch: Path, requests: int, doomed: int) -> dict[str, Any]:
    scratch.mkdir()
    figures: dict[str, Any] = {"exports": {}}
    smallest = _export(place, scratch, "records", "jsonl", seed="site 201")["megabytes"]
    for kind, form in EXPORTS:
        export = _export(place, scratch, kind, form, seed="site 0")
        figures["exports"][f"{kind} {form}"] = export | {"growth": export["megabytes"] - smallest}
    figures["commands"] = _commands(place, scratch)
    result = scratch / "figures.json"
    words = [sys.executable, "-m", "benchmarks.browse.work", str(result), str(requests), str(doomed)]
    run(Command(words, scratch, {**place.environment, "SECRET_KEY": "of-a-bench-" + "x" * 50}))
    return {**figures, **json.loads(result.read_text())}


def _export(place: Installation, scratch: Path, kind: str, form: str, seed: str) -> dict[str, float]:
    """Rows a second, and the largest size of the process, of the command that writes a file."""
    file = scratch / f"export.{form}"
    words = [*_CRAWLBEAT, "export", kind, "--data", str(place.data), "--seed", seed, "-o", str(file)]
    cost = run(Command(words, scratch, place.variables, [("export", "console export")]))
    with file.open("rb") as lines:
        rows = sum(1 for _ in lines) - (form == "csv")
    file.unlink()
    return {"rows": rows, "speed": rows / cost.wall, "megabytes": cost.roles["export"].rss / MB}


_CRAWLBEAT = [sys.executable, "-P", "-m", "console"]


def _commands(place: Installation, scratch: Path) -> dict[str, float]:
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

    for name, times in figures["routes"].items():
        slow = p95(times)
        add(f"{name}, p95 ms", slow, ",.0f", f"under {P95[database]}", slow < P95[database])
    for name, export in figures["exports"].items():
        speed, growth, first = export["speed"], export["growth"], figures["first_bytes"][name]
        add(f"export {name}, rows a second", speed, ",.0f", f"at least {ROWS:,}", speed >= ROWS)
        add(f"export {name}, MB beyond one of few rows", growth, ".0f", f"under {GROWTH}", growth < GROWTH)
        add(f"export {name}, first byte, s", first, ".2f", f"under {FIRST_BYTE:g}", first < FIRST_BYTE)
    deleted = figures["pruned"]
    add("pages pruned a second", deleted, ",.0f", f"at least {DELETED:,}", deleted >= DELETED)
    for name, goal in (("up", UP), ("status", STATUS), ("doctor", DOCTOR)):
        seconds = figures["commands"][name]
        add(f"{name}, s", seconds, ".1f", f"under {goal:g}", seconds < goal)


def p95(times: list[float]) -> float:
    """The 95th percentile: of twenty the second slowest."""
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
