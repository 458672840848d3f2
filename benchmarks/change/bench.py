"""What counts as a change: false ones by kind of noise, edits that are told, time until it is certain."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks.change.noises import CONTENTS, HELD_OUT, NOISES
from benchmarks.change.sites import EDITS, SITES
from benchmarks.change.truth import EVERY, LEARNING, Figures, watched
from benchmarks.change.watcher import SECOND_LOOK
from benchmarks.kit.report import Report

PAGES, RUNS = 4, 94  # of each site and kind: the first run has nothing to compare with
QUICK_RUNS = 14
RECALL, FALSE = 0.98, 0.01


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench; nothing is served, and nothing is written."""
    pages, runs = options.pages or PAGES, QUICK_RUNS if options.quick else RUNS
    report = Report("change", {"sites": len(SITES), "pages a site": pages, "looks a page": runs - 1})
    kinds = {noise: _of_all_sites(noise, pages, runs) for noise in NOISES}
    total = _sum(kinds.values())
    for noise, figures in kinds.items():
        _add_false(report, noise, figures)
    _add_totals(report, total)
    for edit in EDITS:
        told, planted = total.told[edit], total.planted[edit]
        share = told / planted
        report.add(f"edits told: one {edit}", f"{share:.1%} of {planted:,}", f"{RECALL:.0%}", share >= RECALL)
    _add_times(report, total)
    for noise in HELD_OUT:
        _add_false(report, f"held out: {noise}", _of_all_sites(noise, pages, runs))
    for content in CONTENTS:
        figures = _of_all_sites(content, pages, runs)
        blocks = len(figures.learned_after)
        report.add(f"content that changes at each look, left out: {content}", f"{blocks}", "0", not blocks)
    report.notes.append(
        f"A look every {EVERY // 60} hours, a second one {SECOND_LOOK} minutes after a change; "
        f"learning is taken for the first {LEARNING} looks."
    )
    return report


def _of_all_sites(noise: str, pages: int, runs: int) -> Figures:
    return _sum(watched(site, noise, pages, runs) for site in SITES)


def _sum(each: Iterable[Figures]) -> Figures:
    total = Figures()
    for figures in each:
        total.add(figures)
    return total


def _add_false(report: Report, noise: str, figures: Figures) -> None:
    """Changes told that are none: all, those after learning; beside what would be told without all this."""
    after = figures.false - figures.false_while_learning
    report.add(
        f"{noise}: false of {figures.looks:,} looks",
        f"{figures.false} ({figures.false / figures.looks:.1%}), {after} after learning; "
        f"by bytes {figures.other_bytes - figures.planted.total():,}",
    )
    report.raw[noise] = {"false": figures.false, "after": after, "looks": figures.looks}


def _add_totals(report: Report, total: Figures) -> None:
    share, after = total.false / total.looks, total.false - total.false_while_learning
    rest = after / total.looks
    of_looks = f"of {total.looks:,} looks"
    report.add(f"false {of_looks}, learning included", f"{share:.2%}", f"{FALSE:.0%}", share < FALSE)
    report.add(f"false {of_looks}, after learning", f"{rest:.2%}", f"{FALSE:.0%}", rest < FALSE)
    by_bytes = total.other_bytes - total.planted.total()
    report.add(f"false {of_looks}, if bytes counted", f"{by_bytes / total.looks:.1%}")


def _add_times(report: Report, total: Figures) -> None:
    """Until an edit that was met is told, and until a block is left out."""
    waits, learned = sorted(total.waits), sorted(total.learned_after)
    report.add("edits told after, minutes", f"{median(waits):.0f} (at most {waits[-1]})")
    report.add("blocks left out after, looks", f"{median(learned):.0f} (at most {learned[-1]})")
