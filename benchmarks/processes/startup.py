"""What a ``crawl`` of one page costs, mostly starting: in a new folder and in an existing one."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.crawls.contenders import Task, crawlbeat
from benchmarks.kit.measured_command import Cost
from benchmarks.kit.report import Report, spread
from benchmarks.kit.server import serving
from benchmarks.kit.site import Web

CPU, WALL = 2.0, 3.0  # goals, in seconds: half of what release 0.1 took


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench, on SQLite."""
    rounds = options.rounds or 5
    report = Report("startup", {"pages": 1, "rounds": rounds})
    crawls = [_crawl_twice(scratch / str(number)) for number in range(rounds)]
    _add_rows(report, "new folder", [new for new, _ in crawls])
    _add_rows(report, "existing folder", [existing for _, existing in crawls])
    return report


def _crawl_twice(folder: Path) -> tuple[Cost, Cost]:
    """A crawl makes the folder, the same crawl finds it there."""
    web = Web([1])
    crawl = crawlbeat("sqlite").crawl
    with serving(web, folder.with_suffix(".log")) as server:
        task = Task(web.urls(server.port), [web.sites[0].address], connections=1)
        crawls = crawl(task, folder), crawl(task, folder)
    web.close()
    return crawls


def _add_rows(report: Report, what: str, crawls: list[Cost]) -> None:
    for figure, goal, values in (
        ("seconds of CPU", CPU, [crawl.cpu for crawl in crawls]),
        ("seconds", WALL, [crawl.wall for crawl in crawls]),
    ):
        report.add(
            f"{what}, {figure}", spread(values), f"under {goal:g}", sorted(values)[len(values) // 2] < goal
        )
        report.raw.setdefault(what, {})[figure] = values
