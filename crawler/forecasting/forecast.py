"""The forecast: what a crawl would find, take and keep, made of what was seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import fmean

import msgspec

from crawler.forecasting.curves import Estimate
from crawler.forecasting.seen import Survey
from crawler.forecasting.sizes import Sizes
from crawler.forecasting.traps import Trap, traps_of

DAYS = 30.0  # of a month
LEAST_ERROR = 0.05  # of what was not counted: no site is as regular as a formula
WIDE = 3.0  # standard errors to each side of what is said, and
LEFT_OUT = 0.1  # what they do not know of; both fitted to the development sites of the bench
MOST_ERROR = 1.5
SHOWN = 8  # kinds of pages, and traps
TOO_WIDE = 1.0  # a relative error with which a number says only that there are at least so many


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """How a seed asks: its pace at a host, and how often."""

    delay: float = 1.0  # seconds between two requests, Crawl-delay included
    connections: int = 1
    runs_a_month: float = 0.0  # 0: only when somebody asks for it
    max_pages: int | None = None


class KindOfPage(msgspec.Struct, frozen=True, kw_only=True):
    """So many pages have addresses like ``example``."""

    pattern: str
    example: str
    pages: int


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would come to. Times are seconds, sizes bytes; ranges are of nine in ten."""

    pages: int
    least: int
    most: int
    exact: bool = False  # all pages were seen
    open_ended: bool = False  # there are at least so many; more cannot be told
    limited: bool = False  # the seed's limit of pages is below what there is
    requests: int = 0  # of a run
    page_bytes: int = 0
    stored_bytes: int = 0  # of a page in the archive
    delay: float = 1.0
    connections: int = 1
    answer_seconds: float = 0.0
    run_seconds: float = 0.0
    runs_a_month: float = 0.0
    kinds: list[KindOfPage] = []
    traps: list[Trap] = []
    robots_refused: int = 0  # different links on the pages that were seen
    failed: dict[str, int] = {}  # answers that are no pages, by reason
    listed_only: int = 0  # pages of a sitemap to which no link was seen, and which the seed does not use
    asked: int = 0  # requests that the forecast made

    @property
    def requests_a_day(self) -> float:
        """By its schedule."""
        return self.requests * self.runs_a_month / DAYS

    @property
    def first_bytes(self) -> int:
        """What the first run stores."""
        return self.pages * self.stored_bytes

    @property
    def month_bytes(self) -> float:
        """What a month of runs stores at most: if each page is another each time."""
        return self.first_bytes * max(1.0, self.runs_a_month)


def sizes_of(survey: Survey) -> tuple[Sizes, list[Trap]]:
    """What can be said of a survey, without its traps; and those."""
    sizes = Sizes(survey)
    traps = traps_of(survey, sizes.kinds)
    endless = filter(sizes.ends.is_endless, sizes.rows)
    traps += [Trap(sizes.kinds.of(row), "endless", "", row.format(2)) for row in endless]
    if traps:
        sizes = Sizes(survey, frozenset(trap.kind for trap in traps))
    return sizes, traps


def forecast(survey: Survey, rhythm: Rhythm) -> Forecast:
    """What a run would find, by what was seen."""
    sizes, traps = sizes_of(survey)
    sizes = Sizes(survey, sizes.traps, guesses=not sizes.complete)
    estimates = sizes.estimates()
    shares = {kind: sizes.stored_share(kind, estimates) for kind in estimates}
    pages = {kind: Estimate(each.number * shares[kind], each.error) for kind, each in estimates.items()}
    exact = sizes.complete and not traps
    total = _sum(pages.values(), exact=exact)
    limit = rhythm.max_pages or math.inf
    requests = sum(each.number for each in estimates.values())
    least, most = _told(total)
    stored = survey.stored
    answer = fmean(page.seconds for page in stored) if stored else 0.0
    return Forecast(
        pages=round(min(total.number, limit)),
        least=round(min(max(least, min(len(stored), total.number)), limit)),
        most=round(min(most, limit)),
        exact=exact,
        open_ended=total.error >= TOO_WIDE or any(trap.cause == "session" for trap in traps),
        limited=total.number > limit,
        requests=round(min(requests, limit)),
        page_bytes=_mean(page.size for page in stored),
        stored_bytes=_mean(page.packed for page in stored),
        delay=rhythm.delay,
        connections=rhythm.connections,
        answer_seconds=round(answer, 3),
        run_seconds=round(min(requests, limit) * (rhythm.delay + answer) / rhythm.connections, 1),
        runs_a_month=round(rhythm.runs_a_month, 2),
        kinds=_kinds(sizes, pages),
        traps=_widest(traps)[:SHOWN],
        robots_refused=len({url for page in survey.pages for url in page.robots_refused}),
        failed=_failed(survey),
        listed_only=sizes.listed_only,
        asked=survey.requests,
    )


def _told(total: Estimate) -> tuple[float, float]:
    """The range that is said: it has the truth for nine of ten sites of ``bench forecast`` whose shapes are
    drawn. Standard errors alone had it for four of five, as they know nothing of what an estimate leaves out.
    """
    if not total.error:
        return total.number, total.number
    factor = math.exp(WIDE * min(total.error, MOST_ERROR) + LEFT_OUT)
    return total.number / factor, total.number * factor


def _widest(traps: Iterable[Trap]) -> list[Trap]:
    """Of traps of one cause at one path the one with most names: the others are parts of it."""
    widest: dict[tuple[str, str], Trap] = {}
    for trap in traps:
        place = (trap.cause, trap.kind.partition("?")[0])
        if place not in widest or len(trap.detail) > len(widest[place].detail):
            widest[place] = trap
    return list(widest.values())


def _mean(numbers: Iterable[int]) -> int:
    each = list(numbers)
    return round(fmean(each)) if each else 0


def _failed(survey: Survey) -> dict[str, int]:
    """How many answers were no pages, by reason; where a page was guessed, that says nothing."""
    return dict(Counter(page.reason for page in survey.pages if not page.stored and not page.guessed))


def _sum(parts: Iterable[Estimate], *, exact: bool) -> Estimate:
    each = list(parts)
    number = sum(part.number for part in each)
    if exact or not number:
        return Estimate(number)
    error = math.hypot(*(part.number * part.error for part in each)) / number
    return Estimate(number, max(error, LEAST_ERROR))


def _kinds(sizes: Sizes, pages: Mapping[str, Estimate]) -> list[KindOfPage]:
    largest = sorted(pages, key=lambda kind: (-pages[kind].number, kind))[:SHOWN]
    return [
        KindOfPage(pattern=kind, example=sizes.example(kind), pages=round(pages[kind].number))
        for kind in largest
        if round(pages[kind].number)
    ]
