"""A forecast in plain words, the same on the site and on the command line."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.forecasting.forecast import Forecast
from crawler.forecasting.traps import Trap
from djsite.desk.words import reason_words
from pipelines.forecasts.survey import REDIRECTED

_UNITS = ((86400 * 2, 86400, "day"), (5400, 3600, "hour"), (90, 60, "minute"), (0, 1, "second"))
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_TRAPS = {
    "session": "The addresses carry a session ({detail}) that is new on each page: they have no end.",
    "calendar": "A calendar leads to ever further dates.",
    "filters": "Filters ({detail}) combine to more and more addresses that show the same things.",
    "same": "Its pages all say the same.",
    "endless": "Its numbered pages have no end.",
    "repeated": "Its links repeat parts of their own address, so they grow for ever.",
}


def headline(result: Forecast) -> str:
    """The number of pages, and its range."""
    if result.exact:
        return f"{result.pages:,} page{'' if result.pages == 1 else 's'}: all were seen"
    if result.open_ended:
        return f"At least {result.least:,} pages; how many more cannot be told"
    if result.limited:
        return f"{result.pages:,} pages: the seed's limit; there are more"
    return f"About {_round(result.pages):,} pages ({_round(result.least):,} to {_round(result.most):,})"


def time_needed(result: Forecast) -> str:
    """How long a run takes, and at which pace."""
    return f"{lasting(result.run_seconds)} {pace(result)}"


def pace(result: Forecast) -> str:
    """How a site is asked."""
    if result.delay <= 0:
        return "without a pause between requests"
    rate = "at one request a second" if result.delay == 1 else f"at one request every {result.delay:g} s"
    many = f" on each of {result.connections} connections" if result.connections > 1 else ""
    return f"{rate}{many}, and {result.answer_seconds:.1f} s for each answer"


def asked_a_day(result: Forecast) -> str:
    """What the schedule asks of the site."""
    if not result.runs_a_month:
        return f"{_round(result.requests):,} in each run; it runs only when you say so"
    runs = result.runs_a_month / 30
    often = f"{_round(round(runs)):,} runs a day" if runs >= 1.5 else _seldom(1 / runs)
    return f"{_round(round(result.requests_a_day)):,} on average, by {often}"


def _seldom(days: float) -> str:
    """Runs that are about a day apart, or more."""
    return "a run a day" if days < 1.5 else f"a run every {days:.3g} days"


def storage(result: Forecast) -> str:
    """What the archive grows by."""
    first = size(result.first_bytes)
    if result.runs_a_month <= 1:
        return f"{first} for a run"
    most = size(result.month_bytes)
    return f"{first} for the first run; at most {most} a month, if every page changed each time"


def page_size(result: Forecast) -> str:
    """What a page weighs."""
    return f"{size(result.page_bytes)}, {size(result.stored_bytes)} in the archive"


def cautions(result: Forecast) -> Iterator[str]:
    """What to know before it begins, apart from traps."""
    if result.runs_a_month and result.run_seconds * result.runs_a_month > 30 * 86400:
        yield "A run would last until after the next is due: let it run less often, or limit its pages."
    if result.robots_refused:
        yield f"robots.txt forbids {result.robots_refused:,} of the linked addresses: they are left out."
    if result.listed_only:
        yield (
            f"Its sitemap lists about {_round(result.listed_only):,} more pages to which no link was seen. "
            "A seed finds them if it uses sitemaps."
        )
    failed = {reason: count for reason, count in result.failed.items() if reason != REDIRECTED}
    if failed:
        reasons = "; ".join(f"{reason_words(reason)} ({count:,})" for reason, count in failed.items())
        yield f"Of {result.asked} requests some were answered with no page: {reasons}."


def trap_words(trap: Trap) -> str:
    """What a trap is."""
    return _TRAPS[trap.cause].format(detail=trap.detail)


def came_words(forecast_pages: int, pages: int, difference: float) -> str:
    """A forecast and what came."""
    return f"Forecast {forecast_pages:,}, came {pages:,} ({difference:+.0%})".replace("-", "−")


def lasting(seconds: float) -> str:
    """A length of time as people say it."""
    least, unit, name = next(each for each in _UNITS if seconds >= each[0])
    number = round(seconds / unit)
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def size(count: float) -> str:
    """So many bytes, to two digits."""
    for unit, name in _SIZES:
        if count >= unit:
            return f"{count / unit:.2g} {name}" if count < 100 * unit else f"{count / unit:,.0f} {name}"
    return f"{count:.0f} bytes"


def _round(number: int) -> int:
    """To three digits: more would say that more is known."""
    return number if number < 1000 else round(number, 3 - len(str(number)))
