"""Rules on sites whose records are known: what each kind costs, and whether the right ones read the truth."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from statistics import median

from benchmarks.extract.cost import cost_by_kind
from benchmarks.extract.coverage import Coverage, coverage_of
from benchmarks.extract.redesigns import HELD_OUT
from benchmarks.extract.repairs import AMONG_THREE, FIRST, SECONDS, false_alarms, repairs
from benchmarks.extract.verdicts import NONE, confusion
from benchmarks.kit.report import Report
from tests.fakeweb.sites import DESIGNS, SAMPLES, SITES

ITEMS, QUICK = 200, 20
ROUNDS = 9
CLEAN_RUNS, QUICK_RUNS = 1000, 36  # without a redesign
MOST = 100  # microseconds of CPU that a rule may take of a page


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench; nothing is served, and nothing is written."""
    items = options.pages or (QUICK if options.quick else ITEMS)
    rounds = options.rounds or (1 if options.quick else ROUNDS)
    report = Report("extract", {"items a site": items, "rounds": rounds})
    _add_costs(report, cost_by_kind([site(size=items) for site in SITES.values()], rounds))
    for name, site in SITES.items():
        for design in DESIGNS:
            _add_coverage(report, f"{name} {design}", coverage_of(site(size=items), design))
    _add_verdicts(report, confusion([site(size=items) for site in SITES.values()]))
    _add_repairs(report, QUICK_RUNS if options.quick else CLEAN_RUNS)
    return report


def _add_costs(report: Report, costs: dict[str, list[float]]) -> None:
    plainest = median(costs["first match"])
    report.raw["costs"] = costs
    for kind, each in costs.items():
        figure = f"{median(each):.1f} ({median(each) / plainest:.1f} x first match; at most {max(each):.1f})"
        if kind == "reading":
            report.add("a page's document, µs", figure)
        else:
            within = median(each) < MOST
            report.add(f"rule of the kind {kind}, µs a page", figure, f"median under {MOST}", within)


def _add_coverage(report: Report, what: str, coverage: Coverage) -> None:
    figure = (
        f"{coverage.read:,} of {coverage.expected:,} records, {coverage.beside} beside; "
        f"{coverage.right.total():,} of {coverage.values:,} values"
    )
    report.add(f"{what}, read", figure, "all, none beside", coverage.is_full)
    if coverage.wrong:
        names = ", ".join(f"{name} ({count})" for name, count in coverage.wrong.most_common())
        report.notes.append(f"{what}: wrong are {names}")


def _add_verdicts(report: Report, counts: Counter[tuple[str, str]]) -> None:
    """A row a kind: how many were known as it, and as what else."""
    for kind in (*SAMPLES, NONE):
        given = {verdict: count for (true, verdict), count in counts.items() if true == kind}
        right, others = given.pop(kind, 0), sum(given.values())
        beside = "".join(f"; {verdict or 'none'} {count}" for verdict, count in given.items())
        what = f"answers that deserve {kind or 'no verdict'}, known"
        report.add(what, f"{right:,} of {right + others:,}{beside}", "all", not others)


def _add_repairs(report: Report, clean_runs: int) -> None:
    """How often the right rule is proposed after a redesign, and what is reported as broken without one."""
    counts, held_out, alarms = repairs(), repairs(HELD_OUT), false_alarms(clean_runs)
    first, three = counts.shares
    report.add("repair, fields whose right rule is the first", f"{first:.0%} of {counts.planted}",
               f"{FIRST:.0%}", first >= FIRST)  # fmt: skip
    report.add("repair, among three", f"{three:.0%}", f"{AMONG_THREE:.0%}", three >= AMONG_THREE)
    for what, share in zip(("the first", "among three"), held_out.shares, strict=True):
        report.add(f"repair, redesigns held out, {what}", f"{share:.0%} of {held_out.planted}")
    report.add("repair, slowest, s", f"{counts.slowest:.1f}", f"{SECONDS:.0f}", counts.slowest <= SECONDS)
    report.add(f"false alarms in {clean_runs:,} clean runs", str(alarms.total()), "none", not alarms)
    report.notes += [f"not among three: {each}" for each in (*counts.missed, *held_out.missed)]
