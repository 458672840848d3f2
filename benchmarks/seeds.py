"""A thousand small seeds on a thousand hosts at once: groups must mix them, or each page costs a chain."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.fleet import Order, Seeding, Workers, crawl_by_fleet
from benchmarks.options import DATABASES
from benchmarks.report import Report, spread
from benchmarks.server import Seen, serving
from benchmarks.site import Web

SEEDS, PAGES, DELAY = 1_000, 10, 1.0
QUICK = (12, 3, 0.25)
MESSAGES = 0.1  # of Celery, a page
WORKERS = (Workers("main", ("store", "control", "fetch")), Workers("parse"))


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    seeds, pages, delay = QUICK if options.quick else (SEEDS, PAGES, DELAY)
    rounds = options.rounds or 1
    report = Report("seeds", {"seeds": seeds, "pages of each": pages, "delay": delay, "rounds": rounds})
    for database in options.database or DATABASES:
        folders = [scratch / f"{number}-{database}" for number in range(rounds)]
        _tell(report, database, [_crawl(seeds, pages, delay, folder, database) for folder in folders], delay)
    return report


def _crawl(seeds: int, pages: int, delay: float, folder: Path, database: str) -> dict[str, float]:
    web = Web([pages] * seeds)
    log = folder.with_suffix(".log")
    with serving(web, log) as server:
        seeding = tuple(Seeding((url,), delay) for url in web.urls(server.port))
        done = crawl_by_fleet(Order(WORKERS, seeding), folder, database)
    seen, count = Seen.load(log), web.page_count
    web.close()
    seconds = max(seen.asked) - min(seen.asked)
    return {
        "pages": len(seen.asked),
        "pace": count / seconds,
        "ideal": count / ((pages - 1) * delay + 0.001),
        "cpu_allows": count / done.cost.cpu,  # one core's worth
        "cpu_ms": done.cost.cpu / count * 1000,
        "messages": done.outcome.messages / count,
        "batches": done.outcome.batches,
    }


def _tell(report: Report, name: str, rounds: list[dict[str, float]], delay: float) -> None:
    def of(key: str) -> list[float]:
        return [one[key] for one in rounds]

    report.add(f"{name}: pages a second", spread(of("pace"), ".0f"))
    report.add(f"{name}: pages a second that the delay of {delay:g} s allows", spread(of("ideal"), ".0f"))
    report.add(f"{name}: pages that a second of CPU pays for", spread(of("cpu_allows"), ".0f"))
    report.add(f"{name}: CPU a page with start-up, ms", spread(of("cpu_ms")))
    messages = max(of("messages"))
    told = spread(of("messages"), ".3f")
    report.add(f"{name}: messages a page", told, f"under {MESSAGES}", messages < MESSAGES)
    report.raw[name] = rounds
