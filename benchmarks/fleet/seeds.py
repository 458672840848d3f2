"""A thousand small seeds on a thousand hosts at once: groups must mix them, or each page costs a chain."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.fleet.fleet_order import Order, Seeding, Workers, crawl_by_fleet
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report, spread
from benchmarks.kit.server import RequestLog, serving
from benchmarks.kit.site import Web

SEEDS, PAGES, DELAY = 1_000, 10, 1.0
QUICK = (12, 3, 0.25)
MESSAGES = 0.1  # goal: of Celery, a page
WORKERS = (Workers("main", ("store", "control", "fetch")), Workers("parse"))


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    seeds, pages, delay = QUICK if options.quick else (SEEDS, PAGES, DELAY)
    rounds = options.rounds or 1
    report = Report("seeds", {"seeds": seeds, "pages of each": pages, "delay": delay, "rounds": rounds})
    for database in options.database or DATABASES:
        folders = [scratch / f"{number}-{database}" for number in range(rounds)]
        crawls = [_crawl(seeds, pages, delay, folder, database) for folder in folders]
        _add_rows(report, database, crawls, delay)
    return report


def _crawl(seeds: int, pages: int, delay: float, folder: Path, database: str) -> dict[str, float]:
    web = Web([pages] * seeds)
    log = folder.with_suffix(".log")
    with serving(web, log) as server:
        seeding = tuple(Seeding((url,), delay) for url in web.urls(server.port))
        crawled = crawl_by_fleet(Order(WORKERS, seeding), folder, database)
    request_times, count = RequestLog.load(log).asked, web.page_count
    web.close()
    seconds = max(request_times) - min(request_times)
    return {
        "pages": len(request_times),
        "pace": count / seconds,
        "ideal": count / ((pages - 1) * delay + 0.001),
        "cpu_allows": count / crawled.cost.cpu,  # one core's worth
        "cpu_ms": crawled.cost.cpu / count * 1000,
        "messages": crawled.outcome.messages / count,
        "batches": crawled.outcome.batches,
    }


def _add_rows(report: Report, name: str, rounds: list[dict[str, float]], delay: float) -> None:
    def of(key: str) -> list[float]:
        return [figures[key] for figures in rounds]

    report.add(f"{name}: pages a second", spread(of("pace"), ".0f"))
    report.add(f"{name}: pages a second that the delay of {delay:g} s allows", spread(of("ideal"), ".0f"))
    report.add(f"{name}: pages that a second of CPU pays for", spread(of("cpu_allows"), ".0f"))
    report.add(f"{name}: CPU a page with start-up, ms", spread(of("cpu_ms")))
    most, messages = max(of("messages")), spread(of("messages"), ".3f")
    report.add(f"{name}: messages a page", messages, f"under {MESSAGES}", most < MESSAGES)
    report.raw[name] = rounds
