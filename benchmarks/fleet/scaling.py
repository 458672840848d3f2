"""Two workers of a kind against one: fetching from a slow web, and parsing what was fetched before.

A fetch worker may lease half of the hosts at most, as one would set it to spread a crawl over machines. So
one worker mostly waits for the web's latency, and two wait at the same time. Parsing is measured by itself,
on pages that were fetched before: it is limited by CPU, and each parser needs a core.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean, median

from benchmarks.fleet.fleet_order import Order, Seeding, Workers, crawl_by_fleet
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report, spread
from benchmarks.kit.server import RequestLog, serving
from benchmarks.kit.site import Web, path
from tests.harness.environment import overridden

HOSTS, CONNECTIONS, LATENCY = 8, 4, 0.1
PAGES, PARSED = 6_000, 3_000
QUICK = 96
GOAL = 1.8


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    rounds = options.rounds or (1 if options.quick else 3)
    fetched, parsed = (QUICK, QUICK) if options.quick else (PAGES, PARSED)
    settings = {"hosts": HOSTS, "connections": CONNECTIONS, "latency": LATENCY, "rounds": rounds}
    report = Report("scaling", settings | {"pages": fetched, "pages to parse": parsed})
    for database in options.database or DATABASES[1:]:
        fetching: dict[int, list[float]] = {1: [], 2: []}
        parsing: dict[int, list[float]] = {1: [], 2: []}
        for number in range(rounds):
            for workers in (1, 2):
                folder = scratch / f"{database}-{number}-{workers}"
                fetching[workers].append(_fetch(fetched, workers, folder / "fetch", database))
                parsing[workers].append(_parse(parsed, workers, folder / "parse", database))
        _add_rows(report, f"{database}: fetch", fetching)
        _add_rows(report, f"{database}: parse", parsing)
    return report


def _fetch(pages: int, workers: int, folder: Path, database: str) -> float:
    """Pages a second, between a fifth and four fifths of the crawl."""
    web = Web([pages // HOSTS] * HOSTS)
    log = folder.with_suffix(".log")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with serving(web, log, LATENCY) as server:
        order = Order(
            (
                Workers("fetch", ("fetch",), count=workers),
                Workers("store", ("store", "control")),
                Workers("parse"),
            ),
            (Seeding(tuple(web.urls(server.port)), per_host=CONNECTIONS),),
            variables={"CRAWLBEAT_SESSION_HOSTS": str(HOSTS // 2)},
        )
        crawl_by_fleet(order, folder, database)
    web.close()
    times = sorted(RequestLog.load(log).asked)
    first, last = len(times) // 5, len(times) * 4 // 5
    return (last - first) / (times[last] - times[first])


def _parse(pages: int, workers: int, folder: Path, database: str) -> float:
    """Pages a second of workers that only parse."""
    web = Web([pages // HOSTS] * HOSTS)
    with serving(web, folder.with_suffix(".log")) as server:
        urls = tuple(
            root + path(number)[1:]
            for site, root in zip(web.sites, web.urls(server.port), strict=True)
            for number in range(len(site.pages))
        )
        order = Order(
            (Workers("fetch", ("fetch", "control")),),
            (Seeding(urls, per_host=CONNECTIONS, scope="page"),),
            then=(Workers("parse", count=workers, concurrency=1),),
            variables=overridden(MAX_OPEN_BATCHES=1_000_000, BATCH_PAGES=16),
        )
        crawled = crawl_by_fleet(order, folder, database)
    count = web.page_count
    web.close()
    return count / crawled.outcome.parse_seconds


def _add_rows(report: Report, what: str, paces: dict[int, list[float]]) -> None:
    for workers, pace in paces.items():
        report.add(f"{what}, {workers} worker{'s' * (workers > 1)}: pages a second", spread(pace, ".0f"))
    ratios = [double / single for single, double in zip(paces[1], paces[2], strict=True)]
    report.add(f"{what}: 2 workers, times 1", spread(ratios), f"at least {GOAL}", median(ratios) >= GOAL)
    report.raw[what] = {"paces": paces, "mean": mean(ratios)}
