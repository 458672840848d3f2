"""The whole job, with the CPU of every process: Crawlbeat on both databases against Scrapy and Crawlee.

Every contender crawls a small web and then a large one; the difference is the steady state, the small crawl
shows what starting costs. Contenders take turns within each round. With ``--into``, Crawlbeat also crawls
into databases that hold many pages already.
"""

from __future__ import annotations

import argparse
import contextlib
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.crawls.contenders import Contender, Peers, Task, crawlbeat
from benchmarks.crawls.filled import crawlbeat_into, name_of
from benchmarks.fleet.fleet_order import Order, Seeding, Workers, crawl_by_fleet
from benchmarks.kit.measured_command import BenchError, Cost
from benchmarks.kit.options import DATABASES, PEERS
from benchmarks.kit.report import Report, spread
from benchmarks.kit.server import RequestLog, serving
from benchmarks.kit.site import Web

HOSTS, CONNECTIONS = 4, 8
UNCLEAR = "unclear: too few pages beside the start-up"
LEAST_DIFFERENCE = 0.25  # share of the small crawl's time by which the large one must take longer
PAGES, FEW_PAGES, QUICK_PAGES = 20_000, 400, 120
STAGES = (Workers("fetch", ("fetch", "control")), Workers("store", ("store",)), Workers("parse"))
DEARER = 1.2  # times the CPU of a page in an empty database that one in a full database may cost
GOALS = {  # times a peer's pages per CPU second, and per second of wall clock
    ("sqlite", "scrapy"): (8.0, 14.0),
    ("sqlite", "crawlee"): (4.5, None),
    ("postgres", "scrapy"): (7.0, 14.0),
    ("postgres", "crawlee"): (4.0, None),
}


@dataclass(frozen=True)
class Sample:
    """One round of one contender: milliseconds of CPU a page, pages a second, seconds of a small crawl."""

    cpu_ms: float
    pace: float  # nan when the times of the two crawls differ too little
    start_cpu: float
    start_wall: float


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    pages = options.pages or (QUICK_PAGES if options.quick else PAGES)
    few = min(FEW_PAGES, pages // 3)
    rounds = options.rounds or (1 if options.quick else 3)
    peers = Peers(options.data / "bench" / "peers")
    contenders = _contenders(options, peers)
    report = Report(
        "throughput",
        {"pages": pages, "hosts": HOSTS, "connections": CONNECTIONS, "rounds": rounds},
        versions=peers.versions(),
    )
    samples: dict[str, list[Sample]] = defaultdict(list)
    with contextlib.ExitStack() as stack:
        contenders += [stack.enter_context(of_full) for of_full in _into(options, scratch)]
        for number in range(rounds):
            for contender in contenders:
                folder = scratch / f"{number}-{contender.name.replace(' ', '-').replace(',', '')}"
                costs = [_measure(contender, size, folder / str(size), report) for size in (few, pages)]
                samples[contender.name].append(_sample(costs[0], costs[1], pages - few))
    _add_rows(report, samples)
    for database in _databases(options) if options.into else ():
        full, empty = samples[name_of(options.into, database)], samples[f"crawlbeat {database}"]
        ratios = [many.cpu_ms / none.cpu_ms for many, none in zip(full, empty, strict=True)]
        what = f"crawlbeat {database}: CPU a page into {options.into:,} pages, times that into none"
        report.add(what, spread(ratios), f"at most {DEARER}", median(ratios) <= DEARER)
    if options.profile:
        _profile(report, (few, pages), _databases(options), scratch)
    return report


def _databases(options: argparse.Namespace) -> Sequence[str]:
    return options.database or DATABASES


def _into(
    options: argparse.Namespace, scratch: Path
) -> Iterator[contextlib.AbstractContextManager[Contender]]:
    for database in _databases(options) if options.into else ():
        yield crawlbeat_into(options.into, database, scratch / f"full-{database}")


def _contenders(options: argparse.Namespace, peers: Peers) -> list[Contender]:
    names = options.peers or PEERS
    makers = {"scrapy": peers.scrapy, "crawlee": peers.crawlee}
    if "none" in names:
        names = ()
    elif names:
        peers.install()
    return [crawlbeat(kind) for kind in _databases(options)] + [makers[name]() for name in names]


def _measure(contender: Contender, pages: int, folder: Path, report: Report) -> Cost:
    web = Web([pages // HOSTS] * HOSTS)
    log = folder.with_suffix(".log")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with serving(web, log) as server:
        task = Task(web.urls(server.port), [site.address for site in web.sites], CONNECTIONS)
        cost = contender.crawl(task, folder)
    _check(contender.name, web, RequestLog.load(log))
    web.close()
    figures = {"contender": contender.name, "pages": web.page_count, "wall": cost.wall, "cpu": cost.cpu}
    roles = {name: role.seconds for name, role in cost.roles.items()}
    report.raw.setdefault("runs", []).append({**figures, "roles": roles})
    return cost


def _check(name: str, web: Web, requests: RequestLog) -> None:
    """Raises BenchError unless every page was requested once (Scrapy requests its start URLs twice)."""
    count = len(requests.site)
    if not web.page_count <= count <= web.page_count + HOSTS:
        raise BenchError(f"{name} asked for {count} pages of {web.page_count}: not the same job")


def _sample(few: Cost, many: Cost, pages: int) -> Sample:
    """The large crawl less the small one. Where their times hardly differ, the difference is noise: nan."""
    seconds = many.wall - few.wall
    return Sample(
        cpu_ms=(many.cpu - few.cpu) / pages * 1000,
        pace=pages / seconds if seconds > few.wall * LEAST_DIFFERENCE else math.nan,
        start_cpu=few.cpu,
        start_wall=few.wall,
    )


def _add_rows(report: Report, samples: dict[str, list[Sample]]) -> None:
    for name, rounds in samples.items():
        report.add(f"{name}: CPU a page, ms", spread([sample.cpu_ms for sample in rounds]))
        paces = [sample.pace for sample in rounds]
        unclear = any(map(math.isnan, paces))
        report.add(f"{name}: pages a second", UNCLEAR if unclear else spread(paces, ".0f"))
        cpu = median([sample.start_cpu for sample in rounds])
        wall = median([sample.start_wall for sample in rounds])
        report.add(f"{name}: a small crawl, s of CPU and of wall clock", f"{cpu:.1f}, {wall:.1f}")
    for (database, peer), (by_cpu, by_wall) in GOALS.items():
        name = f"crawlbeat {database}"
        pairs = list(zip(samples.get(name, ()), samples.get(peer, ()), strict=False))
        if pairs:
            cpu_ratios = [theirs.cpu_ms / ours.cpu_ms for ours, theirs in pairs]
            wall_ratios = [ours.pace / theirs.pace for ours, theirs in pairs]
            _compare(report, f"{name}: pages per CPU second, times {peer}", by_cpu, cpu_ratios)
            _compare(report, f"{name}: pages a second, times {peer}", by_wall, wall_ratios)


def _compare(report: Report, what: str, goal: float | None, ratios: Sequence[float]) -> None:
    if any(map(math.isnan, ratios)):
        report.add(what, UNCLEAR, "" if goal is None else f"at least {goal:g}")
    elif goal is None:
        report.add(what, spread(ratios, ".1f"))
    else:
        report.add(what, spread(ratios, ".1f"), f"at least {goal:g}", median(ratios) >= goal)


def _profile(report: Report, sizes: tuple[int, int], databases: Sequence[str], scratch: Path) -> None:
    """What each stage costs in steady state, when each has processes of its own."""
    for database in databases:
        few, many = (_by_stage(pages, scratch / f"profile-{database}-{pages}", database) for pages in sizes)
        for stage in sorted(many, key=lambda stage: -many[stage]):
            cost = (many[stage] - few.get(stage, 0.0)) / (sizes[1] - sizes[0])
            report.add(f"profile on {database}: {stage}, ms a page", f"{cost * 1000:.2f}")


def _by_stage(pages: int, folder: Path, database: str) -> dict[str, float]:
    web = Web([pages // HOSTS] * HOSTS)
    with serving(web, folder.with_suffix(".log")) as server:
        order = Order(STAGES, (Seeding(tuple(web.urls(server.port)), per_host=CONNECTIONS),))
        cost = crawl_by_fleet(order, folder, database).cost
    web.close()
    return {name: role.seconds for name, role in cost.roles.items()}
