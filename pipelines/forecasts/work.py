"""The work of a forecast: some seconds of it under a lease on its row; then somebody goes on.

What was seen is kept after each answer. So a forecast whose worker died is gone on with, asks for nothing
twice but what was on its way, and ends in a time that is known.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import msgspec
from django.db.models import F, QuerySet

from catalog.models import Forecast
from catalog.sealing import SealingError
from crawler.forecasting.forecast import Rhythm, forecast
from crawler.forecasting.seen import Survey
from crawler.lanes import Lane
from crawler.policy import CrawlPolicy
from crawler.requests.exchange import FetchResult
from pipelines import work_leases
from pipelines.fetch.loop import FetchLoop, fetch_loop
from pipelines.forecasts.asking import Asker, NotNow
from pipelines.forecasts.reading import PageReader
from pipelines.forecasts.survey import Surveyor, begun
from pipelines.trying.fetching import Sender
from pipelines.work_leases import LeaseLost

SLICE_SECONDS = 10.0  # that a worker gives to it at once
MOST_SECONDS = 600.0  # from when it was asked for; what is known then is the answer
MOST_ATTEMPTS = 4  # at one answer
AT_ONCE = 20  # forecasts that one look finds
DIED = "Its worker died {0} times at the same place, so it was given up. The worker's log says more."
TOO_LONG = "It was ended after {0:.0f} minutes: the site is slow, or asks for long pauses."

log = logging.getLogger(__name__)
Wakes = Mapping[Lane, Collection[int]]


def forecasts_to_do(now: datetime) -> list[int]:
    """The forecasts for which a worker is wanted now."""
    waiting = Forecast.objects.filter(state=Forecast.State.WAITING, due_at__lte=now)
    free = waiting.exclude(work_leases.held(now), lease_until__isnull=False)
    return list(free.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])


def go_on(forecast_id: int, now: datetime, owner: str, stopping: Callable[[], bool]) -> Wakes:
    """Go on with a forecast for some seconds; does nothing if another worker does, or it is not due.

    Returns the hosts that have other work due, by its lane.
    """
    row = Forecast.objects.filter(pk=forecast_id, state=Forecast.State.WAITING, due_at__lte=now)
    token = work_leases.take(row, now, attempts=F("attempts") + 1)
    if token is None:
        return {}
    mine = Forecast.objects.filter(pk=forecast_id)
    found = mine.filter(lease_token=token).select_related("seed").first()
    if found is None:
        return {}
    return _Work(found, mine, token, now).go_on(owner, stopping)


class _Asks:
    """An asker as a survey wants one: its answers are waited for."""

    def __init__(self, loop: FetchLoop, asker: Asker) -> None:
        self._loop = loop
        self._asker = asker
        self.robots = asker.robots
        self.sitemaps = asker.sitemaps

    @property
    def requests(self) -> int:
        """Requests that were sent."""
        return self._asker.requests

    def fetch(self, url: str, *, sitemap: bool = False) -> FetchResult:
        """The answer to a URL. Raises :class:`NotNow`."""
        return self._loop.run(self._asker.ask(url, sitemap=sitemap))


@dataclass
class _Work:
    """This worker's slice of a forecast."""

    row: Forecast
    rows: QuerySet[Forecast]
    token: str
    now: datetime

    def __post_init__(self) -> None:
        self._began = monotonic()
        self.policy = CrawlPolicy.of(self.row.policy)
        self.survey = msgspec.convert(self.row.survey, Survey) if self.row.survey else begun(self.policy)

    @property
    def _moment(self) -> datetime:
        return self.now + timedelta(seconds=monotonic() - self._began)

    @property
    def _is_late(self) -> bool:
        return (self._moment - self.row.created_at).total_seconds() > MOST_SECONDS

    def go_on(self, owner: str, stopping: Callable[[], bool]) -> Wakes:
        """Make the slice; what is due on the hosts then."""
        try:
            sender = Sender(policy=self.policy, headers=self.row.seed.header_pairs() if self.row.seed else ())
        except SealingError as error:
            self._end(error=f"The headers of the seed cannot be sent. {error}")
            return {}
        if self.row.attempts > MOST_ATTEMPTS:
            self._end(error=DIED.format(MOST_ATTEMPTS))
            return {}
        asker = Asker(fetch_loop(), sender, owner)
        reader = PageReader()
        surveyor = Surveyor(self.survey, sender, _Asks(fetch_loop(), asker), reader.read)
        try:
            self._make(surveyor, asker, stopping)
        except LeaseLost:
            log.warning("forecast %s was taken over by another worker", self.row.pk)
        finally:
            reader.close()
            wakes = fetch_loop().run(asker.close())
        return wakes

    def _make(self, surveyor: Surveyor, asker: Asker, stopping: Callable[[], bool]) -> None:
        try:
            while surveyor.step():
                self._keep()
                if self._is_late:
                    self._finish(asker, TOO_LONG.format(MOST_SECONDS / 60))
                    return
                if stopping() or monotonic() - self._began > SLICE_SECONDS:
                    self._lay_aside(self._moment, "")
                    return
        except NotNow as later:
            if self._is_late:
                self._finish(asker, f"{later.why}. {TOO_LONG.format(MOST_SECONDS / 60)}")
            else:
                self._lay_aside(later.at, later.why)
            return
        self._finish(asker, "")

    def _keep(self) -> None:
        """Keep what was seen."""
        self.row.survey = msgspec.to_builtins(self.survey)
        seen = {"survey": self.row.survey, "requests": self.survey.requests, "attempts": 0}
        work_leases.renew(self.rows, self.token, self._moment, **seen)

    def _lay_aside(self, due_at: datetime, note: str) -> None:
        work_leases.give_back(self.rows, self.token, due_at=due_at, note=note, attempts=0)

    def _finish(self, asker: Asker, note: str) -> None:
        if not self.survey.stored:
            self._end(error=_why_nothing(self.survey) if self.survey.pages else note)
            return
        delay, connections = asker.pace(self.policy.start_urls[0])
        rhythm = Rhythm(
            delay=delay,
            connections=connections,
            runs_a_month=self.row.runs_a_month,
            max_pages=self.policy.max_pages,
        )
        result = msgspec.to_builtins(forecast(self.survey, rhythm))
        self._end(state=Forecast.State.DONE, result=result, note=note, requests=self.survey.requests)

    def _end(self, *, state: str = Forecast.State.FAILED, **changes: object) -> None:
        work_leases.give_back(
            self.rows, self.token, state=state, finished_at=self._moment, survey=None, **changes
        )


def _why_nothing(survey: Survey) -> str:
    """Why no start address is a page."""
    first = survey.pages[0]
    detail = f": {first.detail}" if first.detail else ""
    reason = first.reason.replace("_", " ")
    return f"{first.url} could not be read ({reason}{detail}), so nothing is known of the site."
