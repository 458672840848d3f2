"""A page that somebody wants now, behind a million queued URLs: seconds from the commit to the first byte.

Bulk sessions fetch all the while, as fast as the hosts' delay and the machine allow. The server judges: when
the urgent request came, and whether any request came before its host's delay was over. Beside it, the same
with nothing but Celery: one queue, messages of ten priorities.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from benchmarks.options import DATABASES
from benchmarks.orders import carry_out
from benchmarks.report import Report
from benchmarks.server import Seen, serving
from benchmarks.site import Web
from benchmarks.urgent_web import AnyHost, urgent_file
from embedded.datadir import DataFolder

URLS, HOSTS, ASKS = 1_000_000, 10_000, 200
QUICK = (4_000, 400, 8)
SMALL = 5  # one host in so many has one URL only
DELAY = 1.0  # seconds, of every host
LATENCY = 0.1  # seconds, of the server
TOLERANCE = 0.001  # seconds
GOAL_P50, GOAL_P99 = 0.3, 1.0  # seconds, on PostgreSQL
CELERY = {"celery, its defaults": 4, "celery, tuned": 1}  # messages that a slot takes ahead


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
    held: bool = False  # a bulk session held the host when it was asked for
    busy: bool = False  # that session had more to ask of it
    known: bool = True  # the host was asked before, so that its robots.txt need not be fetched first


class Outcome(msgspec.Struct):
    """What was asked, and what the rest was doing."""

    asks: list[Ask] = []
    build_seconds: float = 0.0
    queued: int = 0
    redis_bytes: int = 0  # with all of that queued
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
        _tell(report, database, *_measure(order, scratch / database, database))
    for name, ahead in CELERY.items() if "none" not in (options.peers or ()) else ():
        plain = msgspec.structs.replace(order, ahead=ahead)
        _tell(report, name, *_measure(plain, scratch / f"celery-{ahead}", "sqlite"))
    return report


def pages_of(host: int, urls: int, hosts: int) -> int:
    """How many URLs the backlog has of a host, which goes by its number."""
    small = len(range(0, hosts, SMALL))
    large, more = divmod(urls - small, hosts - small)
    if host % SMALL == 0:
        return 1
    return large + (host - 1 - (host - 1) // SMALL < more)


def _measure(order: Order, folder: Path, database: str) -> tuple[Outcome, tuple[Seen, dict[int, float]]]:
    web = Web([pages_of(1, order.urls, order.hosts)])
    log = folder.with_suffix(".log")
    with serving(web, log, LATENCY, AnyHost) as server:
        outcome = _work(msgspec.structs.replace(order, port=server.port), folder, database)
    web.close()
    urgent = msgspec.json.decode(urgent_file(log).read_bytes(), type=dict[int, float])
    return outcome, (Seen.load(log), urgent)


def _work(order: Order, folder: Path, database: str) -> Outcome:
    plain = {
        "PLAIN_BROKER": f"redis+socket://{DataFolder(folder / 'data').socket()}",
        "PLAIN_AHEAD": str(order.ahead),
    }
    module = "benchmarks.urgent_celery" if order.ahead else "benchmarks.urgent_work"
    outcome, _ = carry_out(module, order, Outcome, folder=folder, database=database, variables=plain)
    return outcome


class Seconds(msgspec.Struct):
    """How long the asks took, by whether their host had a slot that nobody wanted at their commit."""

    free: list[float] = []  # from the commit
    held: list[float] = []  # the same, of hosts that a bulk session held without anything to ask
    unknown: list[float] = []  # the same, of hosts whose robots.txt had to be fetched first
    waited: list[float] = []  # from the host's next slot: bulk work was in it, or its delay was not over
    overtaken: int = 0  # of these: bulk work got in once more
    twice: int = 0  # and more than once
    lost: int = 0


def judge(outcome: Outcome, seen: Seen, urgent: Mapping[int, float], delay: float | None = DELAY) -> Seconds:
    """Read the server's log. Without a delay every host counts as free: nobody heeds that it is not."""
    found = Seconds()
    log = _by_host(seen)
    for ask in outcome.asks:
        came = urgent.get(ask.number)
        if came is None:
            found.lost += 1
            continue
        until = came if ask.busy else ask.committed
        before = [answered for asked, answered in log[ask.host] if asked < until]
        free_at = max(before) + delay if before and delay is not None else 0.0
        if ask.busy or free_at > ask.committed:
            found.waited.append(came - max(free_at, ask.committed))
            times = sum(ask.committed < asked < came for asked, _ in log[ask.host])
            found.overtaken += times > 0
            found.twice += times > 1
        else:
            kind = found.unknown if not ask.known else found.held if ask.held else found.free
            kind.append(came - ask.committed)
    return found


def too_early(seen: Seen) -> list[tuple[int, float, float]]:
    """Requests that came before their host's delay was over since its last answer: host, when, how much."""
    early = []
    for host, times in _by_host(seen).items():
        free_at = 0.0
        for asked, answered in sorted(times):
            if asked < free_at - TOLERANCE:
                early.append((host, asked, free_at - asked))
            free_at = max(free_at, answered + DELAY)
    return early


def _by_host(seen: Seen) -> dict[int, list[tuple[float, float]]]:
    log: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for host, asked, answered in zip(seen.site, seen.asked, seen.answered, strict=True):
        log[host].append((asked, answered))
    return log


def _tell(report: Report, name: str, outcome: Outcome, log: tuple[Seen, dict[int, float]]) -> None:
    """The rows of one contender."""
    seen, urgent = log
    ours, goals = name in DATABASES, name == "postgres"
    found = judge(outcome, seen, urgent, DELAY if ours else None)
    kinds = {
        "host free": found.free,
        "host free, held by bulk": found.held,
        "host free, robots.txt first": found.unknown,
    }
    for what, times in kinds.items():
        _percentiles(report, f"{name}: {what}", times, goals)
    _percentiles(report, f"{name}: host busy, from its next slot", found.waited, False)
    if found.waited:
        told = f"{found.overtaken} of {len(found.waited)}, more than once {found.twice}"
        report.add(f"{name}: of these, bulk got in once more", told)
    report.add(f"{name}: never came", f"{found.lost} of {len(outcome.asks)}", "0", not found.lost)
    early = too_early(seen)
    told = f"{len(early):,} of {len(seen.asked):,}"
    report.add(
        f"{name}: requests before the delay was over", told, "0" if ours else "", not early if ours else None
    )
    meanwhile = sum(outcome.began < asked < outcome.ended for asked in seen.asked)
    pace = meanwhile / (outcome.ended - outcome.began)
    report.add(f"{name}: pages a second meanwhile", f"{pace:.0f}")
    report.add(f"{name}: CPU in use meanwhile, of all cores, %", f"{outcome.busy * 100:.0f}")
    report.add(f"{name}: memory of Redis, MB", f"{outcome.redis_bytes / 1e6:,.1f}")
    report.add(f"{name}: queued, in so many seconds", f"{outcome.queued:,} in {outcome.build_seconds:.0f}")
    report.raw[name] = msgspec.to_builtins({"outcome": outcome, "seconds": found, "early": early[:100]})


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
