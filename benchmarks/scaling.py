"""One worker and two of a kind, first fetching from a slow web, then parsing what was fetched.

A fetch worker is given half of the hosts to lease at most, as one does who spreads work over machines; so
the web's latency is what one worker waits for, and two wait together. Parsing is measured by itself, on
pages that a fetch worker has laid ready: it is bound by CPU, so one core each is what it needs.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from benchmarks.fleet import Order, Seeding, Workers, crawl_by_fleet
from benchmarks.options import DATABASES
from benchmarks.report import Report, middle, spread
from benchmarks.server import Seen, serving
from benchmarks.site import Web, path
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
        _tell(report, f"{database}: fetch", fetching)
        _tell(report, f"{database}: parse", parsing)
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
    asked = sorted(Seen.load(log).asked)
    first, last = len(asked) // 5, len(asked) * 4 // 5
    return (last - first) / (asked[last] - asked[first])


def _parse(pages: int, workers: int, folder: Path, database: str) -> float:
    """Pages a second of workers that have nothing else to do than to parse."""
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
        done = crawl_by_fleet(order, folder, database)
    count = web.page_count
    web.close()
    return count / done.outcome.parse_seconds


def _tell(report: Report, what: str, paces: dict[int, list[float]]) -> None:
    for workers, pace in paces.items():
        report.add(f"{what}, {workers} worker{'s' * (workers > 1)}: pages a second", spread(pace, ".0f"))
    ratios = [two / one for one, two in zip(paces[1], paces[2], strict=True)]
    report.add(f"{what}: 2 workers, times 1", spread(ratios), f"at least {GOAL}", middle(ratios) >= GOAL)
    report.raw[what] = {"paces": paces, "mean": statistics.mean(ratios)}
