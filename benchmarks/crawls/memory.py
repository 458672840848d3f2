"""How large every worker process gets during a long crawl, and whether it goes on growing."""

from __future__ import annotations

import argparse
from bisect import bisect
from pathlib import Path

from benchmarks.crawls.contenders import Task, crawlbeat
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report
from benchmarks.kit.server import RequestLog, serving
from benchmarks.kit.site import Web

PAGES, WARM = 200_000, 10_000
QUICK = (120, 40)
HOSTS, CONNECTIONS = 4, 8
GROWTH, SIZE = 0.10, 200  # goals: of RSS after the first WARM pages; in MB
MB = 2**20


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    pages, warm = QUICK if options.quick else (options.pages or PAGES, WARM)
    report = Report("memory", {"pages": pages, "hosts": HOSTS, "connections": CONNECTIONS})
    for database in options.database or DATABASES[:1]:
        _crawl(report, pages, min(warm, pages // 3), scratch / database, database)
    return report


def _crawl(report: Report, pages: int, warm: int, folder: Path, database: str) -> None:
    web = Web([pages // HOSTS] * HOSTS)
    log = folder.with_suffix(".log")
    with serving(web, log) as server:
        task = Task(web.urls(server.port), [site.address for site in web.sites], CONNECTIONS)
        cost = crawlbeat(database).crawl(task, folder)
    web.close()
    request_times = sorted(RequestLog.load(log).asked)
    sizes: dict[str, list[tuple[int, float]]] = {}
    for at, of_roles in cost.sizes:
        for name, rss in of_roles.items():
            sizes.setdefault(name, []).append((bisect(request_times, at), rss / MB))
    report.raw[database] = sizes
    for name in ("fetch", "parse", "store"):
        _add_rows(report, f"{database}: {name}", sizes.get(name, []), warm, pages)


def _add_rows(report: Report, name: str, sizes: list[tuple[int, float]], warm: int, pages: int) -> None:
    """``sizes``: (pages requested so far, size of the largest process), sample by sample."""
    early = [size for done, size in sizes if done <= warm]
    late = [size for done, size in sizes if warm < done < pages]
    largest = max(early + late, default=0.0)
    report.add(f"{name}: largest process, MB", f"{largest:.0f}", f"under {SIZE}", largest < SIZE)
    if not early or not late:
        report.notes.append(f"{name}: too quick for its growth to be seen")
        return
    growth = max(late) / max(early) - 1
    report.add(
        f"{name}: growth after {warm:,} pages", f"{growth:.1%}", f"under {GROWTH:.0%}", growth < GROWTH
    )
