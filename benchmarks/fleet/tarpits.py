"""A hundred tarpits beside good hosts: what is left of the rate at which the good ones are fetched.

The good hosts are crawled alone, and beside the tarpits, in turn. Each answers after a quarter of a second,
so that their number of connections and not the machine sets their rate. The server's log has the times.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median

from benchmarks.fleet.fleet_order import Order, Seeding, Workers, crawl_by_fleet
from benchmarks.fleet.tarpit_server import TARPITS, TarpitServer
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report, spread
from benchmarks.kit.server import RequestLog, serving
from benchmarks.kit.site import Web, path

HOSTS, PAGES, ROUNDS = 32, 200, 3
QUICK = (4, 6, 1)
CONNECTIONS = 2  # to a host, good or not
LATENCY = 0.25  # seconds until a good host answers
TARPIT_PAGES = 8  # start URLs of a tarpit
GOAL = 0.95
WORKERS = (Workers("main", ("store", "control", "fetch")), Workers("parse"))


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    hosts, pages, rounds = QUICK if options.quick else (HOSTS, PAGES, ROUNDS)
    rounds = options.rounds or rounds
    settings = {"hosts": hosts, "pages of each": pages, "tarpits": TARPITS, "rounds": rounds}
    report = Report("tarpits", settings)
    for database in options.database or DATABASES[:1]:
        alone, beside = [], []
        for number in range(rounds):
            alone.append(_rate(hosts, pages, scratch / f"{database}-{number}-alone", database, tarpits=False))
            beside.append(
                _rate(hosts, pages, scratch / f"{database}-{number}-beside", database, tarpits=True)
            )
        _add_rows(report, database, alone, beside)
    return report


def _rate(hosts: int, pages: int, folder: Path, database: str, *, tarpits: bool) -> float:
    """Pages of the good hosts a second, from the first request to the last."""
    web = Web([pages] * hosts + [TARPIT_PAGES] * TARPITS)
    log = folder.with_suffix(".log")
    with serving(web, log, LATENCY, TarpitServer) as server:
        urls = web.urls(server.port)
        seeding = [Seeding((url,), per_host=CONNECTIONS) for url in urls[:hosts]]
        if tarpits:
            seeding += [_tarpit(url) for url in urls[hosts:]]
        crawl_by_fleet(Order(WORKERS, tuple(seeding), wait_for=hosts), folder, database)
    web.close()
    asked = RequestLog.load(log).asked  # of complete answers: a tarpit has none
    return len(asked) / (max(asked) - min(asked))


def _tarpit(url: str) -> Seeding:
    pages = tuple(f"{url.removesuffix('/')}{path(number)}" for number in range(TARPIT_PAGES))
    return Seeding(pages, per_host=CONNECTIONS)


def _add_rows(report: Report, name: str, alone: list[float], beside: list[float]) -> None:
    report.add(f"{name}: pages of good hosts a second, alone", spread(alone, ".0f"))
    report.add(f"{name}: beside {TARPITS} tarpits", spread(beside, ".0f"))
    kept = [tarred / free * 100 for tarred, free in zip(beside, alone, strict=True)]
    goal = (f"at least {GOAL:.0%}", median(kept) >= GOAL * 100)
    report.add(f"{name}: of the rate alone, %", spread(kept, ".1f"), *goal)
    report.raw[name] = {"alone": alone, "beside": beside}
