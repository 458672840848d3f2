"""An urgent page behind a million queued URLs: seconds from the commit to the first byte.

Meanwhile bulk sessions fetch as fast as the hosts' delay and the machine allow. The server's log says when
the urgent request came, and whether any request came before its host's delay was over. For comparison, the
same with plain Celery: one queue, messages of ten priorities.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from benchmarks.kit.bench_order import carry_out
from benchmarks.kit.options import DATABASES
from benchmarks.kit.report import Report
from benchmarks.kit.server import RequestLog, serving
from benchmarks.kit.site import Web
from benchmarks.urgent.web import AnyHost, urgent_file
from embedded.datadir import DataFolder

URLS, HOSTS, ASKS = 1_000_000, 10_000, 200
QUICK = (1_000, 100, 6)
SMALL = 5  # every fifth host has one URL only
DELAY = 1.0  # seconds, of every host
LATENCY = 0.1  # seconds, of the server
TOLERANCE = 0.001  # seconds
GOAL_P50, GOAL_P99 = 0.3, 1.0  # seconds, on PostgreSQL
CELERY = {"celery, its defaults": 4, "celery, tuned": 1}  # messages that a slot takes ahead
Log = tuple[RequestLog, dict[int, float]]  # of all requests, and the times of the urgent ones by number


class Order(msgspec.Struct, frozen=True):
    """What is measured. ``ahead`` is for plain Celery: messages that a slot takes before it needs them."""

    urls: int
    hosts: int
    asks: int
    port: int
    warm_up: float  # seconds
    ahead: int = 0


class Ask(msgspec.Struct):
    """One urgent request; times are seconds of ``time.monotonic``."""

    number: int
    host: int  # its address
    began: float
    committed: float
    held: bool = False  # a bulk session held the host at that time
    busy: bool = False  # that session had more to fetch there
    known: bool = True  # its robots.txt had been fetched before


class Outcome(msgspec.Struct):
    """The asks, and what the rest of the machine was doing."""

    asks: list[Ask] = []
    build_seconds: float = 0.0
    queued: int = 0
    redis_bytes: int = 0  # while all of that was queued
    busy: float = 0.0  # share of the machine's CPU that was in use while asking
    began: float = 0.0  # of the asking
    ended: float = 0.0


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    urls, hosts, asks = QUICK if options.quick else (URLS, HOSTS, ASKS)
    urls = options.urls or urls
    order = Order(urls, min(hosts, max(10, urls // 10)), asks, 0, 2.0 if options.quick else 20.0)
    settings = {"urls": urls, "hosts": order.hosts, "asks": asks, "delay": DELAY, "latency": LATENCY}
    report = Report("urgent", settings)
    for database in options.database or DATABASES:
        _add_rows(report, database, *_measure(order, scratch / database, database))
    for name, ahead in CELERY.items() if "none" not in (options.peers or ()) else ():
        plain = msgspec.structs.replace(order, ahead=ahead)
        _add_rows(report, name, *_measure(plain, scratch / f"celery-{ahead}", "sqlite"))
    return report


def pages_of(host: int, urls: int, hosts: int) -> int:
    """How many URLs the host with this number has in the backlog."""
    small = len(range(0, hosts, SMALL))
    large, more = divmod(urls - small, hosts - small)
    if host % SMALL == 0:
        return 1
    return large + (host - 1 - (host - 1) // SMALL < more)


def _measure(order: Order, folder: Path, database: str) -> tuple[Outcome, Log]:
    web = Web([pages_of(1, order.urls, order.hosts)])
    log = folder.with_suffix(".log")
    with serving(web, log, LATENCY, AnyHost) as server:
        outcome = _work(msgspec.structs.replace(order, port=server.port), folder, database)
    web.close()
    urgent = msgspec.json.decode(urgent_file(log).read_bytes(), type=dict[int, float])
    return outcome, (RequestLog.load(log), urgent)


def _work(order: Order, folder: Path, database: str) -> Outcome:
    plain = {
        "PLAIN_BROKER": f"redis+socket://{DataFolder(folder / 'data').socket()}",
        "PLAIN_AHEAD": str(order.ahead),
    }
    module = "benchmarks.urgent.celery_work" if order.ahead else "benchmarks.urgent.work"
    outcome, _ = carry_out(module, order, Outcome, folder=folder, database=database, variables=plain)
    return outcome


class Seconds(msgspec.Struct):
    """How long the asks took. A host was free if a request could be made at once after the commit."""

    free: list[float] = []  # from the commit
    held: list[float] = []  # the same, of free hosts that a bulk session held with nothing to fetch
    unknown: list[float] = []  # the same, of free hosts whose robots.txt had to be fetched first
    waited: list[float] = []  # of hosts that were not free: from the time at which they were
    overtaken: int = 0  # of these: a bulk request came first
    twice: int = 0  # of these: more than one bulk request came first
    lost: int = 0  # requests that never came


def times_of(
    outcome: Outcome, requests: RequestLog, urgent: Mapping[int, float], delay: float | None = DELAY
) -> Seconds:
    """How long the asks took, by the server's log; ``urgent``: the time of each ask's request, by number.

    Without a delay every host counts as free, because the crawler waits for none.
    """
    seconds = Seconds()
    log = _by_host(requests)
    for ask in outcome.asks:
        requested_at = urgent.get(ask.number)
        if requested_at is None:
            seconds.lost += 1
            continue
        until = requested_at if ask.busy else ask.committed
        before = [answered for asked, answered in log[ask.host] if asked < until]
        free_at = max(before) + delay if before and delay is not None else 0.0
        if ask.busy or free_at > ask.committed:
            seconds.waited.append(requested_at - max(free_at, ask.committed))
            times = sum(ask.committed < asked < requested_at for asked, _ in log[ask.host])
            seconds.overtaken += times > 0
            seconds.twice += times > 1
        else:
            kind = seconds.unknown if not ask.known else seconds.held if ask.held else seconds.free
            kind.append(requested_at - ask.committed)
    return seconds


def too_early(requests: RequestLog) -> list[tuple[int, float, float]]:
    """Requests that came before their host's delay was over: host, time, and how many seconds too early."""
    early = []
    for host, times in _by_host(requests).items():
        free_at = 0.0
        for asked, answered in sorted(times):
            if asked < free_at - TOLERANCE:
                early.append((host, asked, free_at - asked))
            free_at = max(free_at, answered + DELAY)
    return early


def _by_host(requests: RequestLog) -> dict[int, list[tuple[float, float]]]:
    log: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for host, asked, answered in zip(requests.site, requests.asked, requests.answered, strict=True):
        log[host].append((asked, answered))
    return log


def _add_rows(report: Report, name: str, outcome: Outcome, log: Log) -> None:
    """The rows of one contender."""
    requests, urgent = log
    ours, goals = name in DATABASES, name == "postgres"
    seconds = times_of(outcome, requests, urgent, DELAY if ours else None)
    kinds = {
        "host free": seconds.free,
        "host free, held by bulk": seconds.held,
        "host free, robots.txt first": seconds.unknown,
    }
    for what, times in kinds.items():
        _percentiles(report, f"{name}: {what}", times, goals)
    _percentiles(report, f"{name}: host busy, from its next slot", seconds.waited, False)
    if seconds.waited:
        figure = f"{seconds.overtaken} of {len(seconds.waited)}, more than once {seconds.twice}"
        report.add(f"{name}: of these, bulk got in once more", figure)
    report.add(f"{name}: never came", f"{seconds.lost} of {len(outcome.asks)}", "0", not seconds.lost)
    early = too_early(requests)
    figure = f"{len(early):,} of {len(requests.asked):,}"
    goal = ("0", not early) if ours else ("", None)
    report.add(f"{name}: requests before the delay was over", figure, *goal)
    meanwhile = sum(outcome.began < asked < outcome.ended for asked in requests.asked)
    pace = meanwhile / (outcome.ended - outcome.began)
    report.add(f"{name}: pages a second meanwhile", f"{pace:.0f}")
    report.add(f"{name}: CPU in use meanwhile, of all cores, %", f"{outcome.busy * 100:.0f}")
    report.add(f"{name}: memory of Redis, MB", f"{outcome.redis_bytes / 1e6:,.1f}")
    report.add(f"{name}: queued, in so many seconds", f"{outcome.queued:,} in {outcome.build_seconds:.0f}")
    report.raw[name] = msgspec.to_builtins({"outcome": outcome, "seconds": seconds, "early": early[:100]})


def _percentiles(report: Report, what: str, times: Sequence[float], goals: bool) -> None:
    if len(times) < 2:
        return
    p50, p99 = statistics.median(times), percentile(times, 99)
    goal = (f"under {GOAL_P50}", p50 < GOAL_P50) if goals else ("", None)
    report.add(f"{what}, p50, s ({len(times)})", f"{p50:.3f}", *goal)
    goal = (f"under {GOAL_P99}", p99 < GOAL_P99) if goals else ("", None)
    report.add(f"{what}, p99, s (worst {max(times):.3f})", f"{p99:.3f}", *goal)


def percentile(times: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    return sorted(times)[max(0, math.ceil(len(times) * percent / 100) - 1)]
