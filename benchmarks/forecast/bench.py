"""Forecasts of sites whose size is known: how far they are off, by at most fifty requests each.

Three groups. The twenty sites and those apart are served on loopback; they were there when the estimator was
made, and so flatter it. Drawn sites are in memory; of them those of development were looked at while it was
made, those held out were drawn when it was done: their figures count. Whoever changes the estimator by what
held-out sites show makes them development sites, and draws others.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.forecast import memory
from benchmarks.forecast.apart import apart
from benchmarks.forecast.drawn.drawing import draw
from benchmarks.forecast.sites import Known, sites
from benchmarks.forecast.surveying import forecast_of
from benchmarks.kit.report import Report
from crawler.forecasting.forecast import Forecast
from crawler.forecasting.seen import MOST_REQUESTS
from tests.fakeweb import FakeWeb

GOAL = 0.20  # median error
DEVELOPMENT = range(110)
HELD_OUT = range(6_100_970, 6_101_058)  # from the first digits of the commit that ended the work, as a number
COVERED = 0.9  # of the sites have the truth in the range that is said


class Told(NamedTuple):
    """A forecast and the truth."""

    pages: int
    result: Forecast

    @property
    def error(self) -> float:
        """Relative, with its sign."""
        return self.result.pages / self.pages - 1

    @property
    def inside(self) -> bool:
        """Whether the range has the truth; "at least" has no upper end."""
        most = float("inf") if self.result.open_ended else self.result.most
        return self.result.least <= self.pages <= most


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench: nothing is stored, and there is no delay."""
    known = list(sites(quick=options.quick))
    report = Report("forecast", {"sites": len(known), "requests a site": MOST_REQUESTS})
    ours = [_add(report, each.name, _served(each)) for each in known]
    for site in () if options.quick else apart():
        _add(report, f"apart: {site.name}", _served(Known(site.name, site, site.pages)))
    _sum_up(report, "sites of ours", ours)
    for name, numbers in (("development", DEVELOPMENT), ("held out", HELD_OUT)):
        chosen = numbers[:3] if options.quick else numbers
        _sum_up(
            report, name, [_add(report, f"{name}: {site.name}", _drawn(site)) for site in map(draw, chosen)]
        )
    return report


def _served(known: Known) -> Told:
    with FakeWeb(known.site) as web:
        if hasattr(known.site, "base"):
            known.site.base = web.url
        return Told(known.pages, forecast_of(f"{web.url}/"))


def _drawn(site: memory.Site) -> Told:
    return Told(site.pages, memory.forecast_of(site))


def _add(report: Report, name: str, told: Told) -> Told:
    result = told.result
    traps = f"; traps: {', '.join(sorted({trap.cause for trap in result.traps}))}" if result.traps else ""
    most = "any number" if result.open_ended else f"{result.most:,}"
    span = f"{result.least:,} to {most}{'' if told.inside else ', which has not the truth'}"
    figure = f"{result.pages:,} of {told.pages:,} ({told.error:+.0%}); {span}; {result.asked} requests{traps}"
    report.add(name, figure)
    report.raw.setdefault("sites", {})[name] = {
        "pages": told.pages, "forecast": result.pages, "least": result.least, "most": result.most,
        "error": told.error, "requests": result.asked, "open_ended": result.open_ended,
    }  # fmt: skip
    return told


def _sum_up(report: Report, name: str, told: list[Told]) -> None:
    """The figures of a group of sites."""
    errors = sorted(abs(each.error) for each in told)
    covered = sum(each.inside for each in told) / len(told)
    report.add(
        f"{name}: median error", f"{median(errors):.1%}", f"at most {GOAL:.0%}", median(errors) <= GOAL
    )
    report.add(f"{name}: 80th percentile", f"{errors[round(0.8 * (len(errors) - 1))]:.0%}")
    report.add(f"{name}: within {GOAL:.0%}", f"{sum(each <= GOAL for each in errors) / len(errors):.0%}")
    report.add(f"{name}: truth in the range", f"{covered:.0%}", f"at least {COVERED:.0%}", covered >= COVERED)
    report.add(f'{name}: said as "at least"', f"{sum(each.result.open_ended for each in told)}")
    report.add(f"{name}: largest error", f"{errors[-1]:.0%}")
