"""The frontier by itself: URLs admitted, claimed and finished a second, their size, the time of a claim."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.kit.measured_command import Command
from benchmarks.kit.options import DATABASES
from benchmarks.kit.our_processes import run_on
from benchmarks.kit.report import Report, spread

URLS, QUICK = 1_000_000, 1_000
HOSTS = 10_000


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    urls = options.urls or (QUICK if options.quick else URLS)
    hosts = min(HOSTS, max(10, urls // 100))
    rounds = options.rounds or 1
    report = Report("frontier", {"urls": urls, "hosts": hosts, "rounds": rounds})
    for database in options.database or DATABASES:
        folders = [scratch / f"{number}-{database}" for number in range(rounds)]
        _add_rows(report, database, [_measure(urls, hosts, folder, database) for folder in folders])
    return report


def _measure(urls: int, hosts: int, folder: Path, database: str) -> dict[str, Any]:
    data = folder / "data"
    data.mkdir(parents=True)
    variables = {
        "DJANGO_SETTINGS_MODULE": "djsite.settings",
        "CRAWLBEAT_DATA": str(data),
        "SECRET_KEY": "of-a-bench-" + "x" * 50,
    }
    result = folder / "figures.json"
    words = [sys.executable, "-m", "benchmarks.frontier.work", str(urls), str(hosts), str(result)]
    cost = run_on(database, Command(words, folder, variables))
    return {**json.loads(result.read_text()), "cpu": cost.cpu}


def _add_rows(report: Report, name: str, rounds: list[dict[str, Any]]) -> None:
    goals = name == "postgres"

    def add(what: str, key: str, form: str, *goal: Any) -> None:
        report.add(f"{name}: {what}", spread(values(key), form), *(goal if goals else ()))

    def values(key: str) -> list[float]:
        return [float(figures[key]) for figures in rounds]

    def worst(key: str) -> float:
        return max(values(key))

    def least(key: str) -> float:
        return min(values(key))

    add("admitted a second", "admits", ",.0f", "at least 20,000", least("admits") >= 20_000)
    add("claimed and finished a second", "finishes", ",.0f", "at least 4,000", least("finishes") >= 4_000)
    add("claim p99, ms", "claim_p99", ".1f", "under 20", worst("claim_p99") < 20)
    add("claim median, ms", "claim_median", ".1f")
    add("bytes a queued URL, indexes included", "bytes", ".0f", "under 350", worst("bytes") < 350)
    report.raw[name] = rounds
