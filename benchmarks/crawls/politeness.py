"""200 hosts of Zipf sizes at a delay of one second: how near to the ideal time, how many requests too early.

The server's log decides: it has the time at which the last bytes of an answer went to the kernel, and the
time at which the next request to that host came. Requests for robots.txt do not count.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crawls.contenders import Contender, Peers, Task, crawlbeat
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report, spread
from benchmarks.kit.server import RequestLog, serving
from benchmarks.kit.site import Web

HOSTS, LARGEST, PAGES, DELAY = 200, 400, 10_000, 1.0
QUICK = (12, 12, 60, 0.25)
TOLERANCE = 0.001  # seconds
GOAL = 0.97


@dataclass(frozen=True)
class Politeness:
    """What the server's log says about one crawl."""

    of_ideal: float  # the shortest possible time from first to last request, divided by the real one
    violations: int  # requests that came too early
    smallest: float  # gap in seconds
    pages: int


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    hosts, largest, pages, delay = QUICK if options.quick else (HOSTS, LARGEST, PAGES, DELAY)
    sizes = zipf_sizes(hosts, largest, pages)
    peers = Peers(options.data / "bench" / "peers")
    contenders = [crawlbeat(kind) for kind in options.database or DATABASES[:1]]
    if "scrapy" in (options.peers or ["scrapy"]):
        peers.install()
        contenders.append(peers.scrapy())
    rounds = options.rounds or 1
    settings = {"hosts": hosts, "largest": largest, "pages": sum(sizes), "delay": delay, "rounds": rounds}
    report = Report("politeness", settings, versions=peers.versions())
    for contender in contenders:
        crawls = [
            _crawl(contender, sizes, delay, scratch / f"{number}-{contender.name.replace(' ', '-')}")
            for number in range(rounds)
        ]
        _add_rows(report, contender.name, crawls, delay)
    return report


def zipf_sizes(hosts: int, largest: int, pages: int) -> list[int]:
    """Sizes ``largest / rank**s``, with the exponent that gives so many pages in all."""
    low, high = 0.0, 4.0
    for _ in range(60):
        exponent = (low + high) / 2
        sizes = [max(1, round(largest / rank**exponent)) for rank in range(1, hosts + 1)]
        low, high = (exponent, high) if sum(sizes) > pages else (low, exponent)
    return sizes


def _crawl(contender: Contender, sizes: list[int], delay: float, folder: Path) -> Politeness:
    web = Web(sizes)
    log = folder.with_suffix(".log")
    with serving(web, log) as server:
        contender.crawl(Task(web.urls(server.port), [site.address for site in web.sites], 1, delay), folder)
    web.close()
    return politeness_of(RequestLog.load(log), sizes, delay)


def politeness_of(requests: RequestLog, sizes: list[int], delay: float) -> Politeness:
    """How a crawl of sites of these sizes kept the delay (in seconds), by the server's log."""
    answered: dict[int, float] = {}
    gaps = []
    for site, asked, done in sorted(
        zip(requests.site, requests.asked, requests.answered, strict=True), key=lambda row: row[1]
    ):
        if site in answered:
            gaps.append(asked - answered[site])
        answered[site] = max(done, answered.get(site, 0.0))
    return Politeness(
        of_ideal=(max(sizes) - 1) * delay / (max(requests.asked) - min(requests.asked)),
        violations=sum(gap < delay - TOLERANCE for gap in gaps),
        smallest=min(gaps),
        pages=len(requests.asked),
    )


def _add_rows(report: Report, name: str, crawls: list[Politeness], delay: float) -> None:
    ours = name.startswith("crawlbeat")
    ratio = [crawl.of_ideal * 100 for crawl in crawls]
    goal = (f"at least {GOAL:.0%}", min(ratio) >= GOAL * 100) if ours else ("", None)
    report.add(f"{name}: of the ideal pace, %", spread(ratio, ".1f"), *goal)
    violations = sum(crawl.violations for crawl in crawls)
    pages = sum(crawl.pages for crawl in crawls)
    goal = ("0", violations == 0) if ours else ("", None)
    report.add(f"{name}: requests too early", f"{violations} of {pages}", *goal)
    smallest = min(crawl.smallest for crawl in crawls)
    report.add(f"{name}: smallest gap, s (the delay is {delay:g})", f"{smallest:.4f}")
    report.raw[name] = [crawl.__dict__ for crawl in crawls]
