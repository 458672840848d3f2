"""Forecasts of sites whose size is known: how far they are off, by at most fifty requests each."""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median

from benchmarks.forecast.apart import apart
from benchmarks.forecast.sites import Known, sites
from benchmarks.forecast.surveying import forecast_of
from benchmarks.kit.report import Report
from crawler.forecasting.forecast import Forecast
from crawler.forecasting.seen import MOST_REQUESTS
from tests.fakeweb import FakeWeb

GOAL = 0.20  # median error
WORST = 2.0  # times too many or too few


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench: each site is served on loopback without a delay; nothing is stored."""
    known = list(sites(quick=options.quick))
    report = Report("forecast", {"sites": len(known), "requests a site": MOST_REQUESTS})
    errors = []
    for each in known:
        result = _forecast(each)
        error = result.pages / each.pages - 1
        errors.append(abs(error))
        _add(report, each, result, error)
    for site in () if options.quick else apart():
        each = Known(f"apart: {site.name}", site, site.pages)
        result = _forecast(each)
        _add(report, each, result, result.pages / each.pages - 1)
    report.add("median error", f"{median(errors):.1%}", f"at most {GOAL:.0%}", median(errors) <= GOAL)
    report.add("largest error", f"{max(errors):.0%}", f"at most {WORST - 1:.0%}", max(errors) <= WORST - 1)
    return report


def _forecast(known: Known) -> Forecast:
    with FakeWeb(known.site) as web:
        if hasattr(known.site, "base"):
            known.site.base = web.url
        return forecast_of(f"{web.url}/")


def _add(report: Report, known: Known, result: Forecast, error: float) -> None:
    inside = result.least <= known.pages <= result.most
    traps = f"; traps: {', '.join(sorted({trap.cause for trap in result.traps}))}" if result.traps else ""
    span = f"{result.least:,} to {result.most:,}{'' if inside else ', which has not the truth'}"
    figure = f"{result.pages:,} of {known.pages:,} ({error:+.0%}); {span}; {result.asked} requests{traps}"
    report.add(known.name, figure)
    report.raw.setdefault("sites", {})[known.name] = {
        "pages": known.pages, "forecast": result.pages, "least": result.least, "most": result.most,
        "error": error, "requests": result.asked,
    }  # fmt: skip
