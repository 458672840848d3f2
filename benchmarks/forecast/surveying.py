"""A forecast of a site on loopback, without a database: survey and reading are those of the product."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from crawler.forecasting.forecast import Forecast, Rhythm, forecast
from crawler.policy import CrawlPolicy
from crawler.requests.exchange import FetchRequest, FetchResult
from crawler.requests.fetch import Fetcher
from crawler.rules.robots import Robots
from crawler.rules.urls import origin_of
from pipelines.forecasts.reading import read
from pipelines.forecasts.survey import Surveyor, begun
from pipelines.trying.fetching import Sender

AGENT = "CrawlbeatBench"
LOOPBACK = ("127.0.0.0/8",)
T = TypeVar("T")


class Loopback:
    """Asks a server on loopback, without a pause; ``requests`` counts what was sent."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._fetcher = Fetcher(deadline=10, max_bytes=10_000_000, max_retry_after=60, connections=1)
        self._robots: dict[str, FetchResult] = {}
        self.requests = 0

    def fetch(self, url: str, *, sitemap: bool = False) -> FetchResult:
        """The answer to a URL."""
        origin = origin_of(url)
        if origin not in self._robots:
            self.requests += 1
            self._robots[origin] = self._run(self._fetcher.fetch_robots(origin, AGENT, LOOPBACK))
        self.requests += 1
        request = FetchRequest(url=url, user_agent=AGENT, allow_networks=LOOPBACK, sitemap=sitemap)
        return self._run(self._fetcher.fetch(request))

    def robots(self) -> Mapping[str, tuple[int | None, bytes]]:
        """Of the hosts that were asked: status and body of robots.txt."""
        return {origin: (read.status, read.body) for origin, read in self._robots.items()}

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that robots.txt of a URL's host names."""
        read = self._robots[origin_of(url)]
        return Robots.from_response(read.status, read.body).sitemaps

    def close(self) -> None:
        """End all connections."""
        self._run(self._fetcher.aclose())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)


def forecast_of(url: str) -> Forecast:
    """What a forecast says of the site that begins at ``url``."""
    policy = CrawlPolicy(start_urls=(url,), allow_networks=LOOPBACK, delay=0.0, user_agent=AGENT)
    loop = asyncio.new_event_loop()
    asks = Loopback(loop)
    surveyor = Surveyor(begun(policy), Sender(policy=policy), asks, read)
    try:
        while surveyor.step():
            pass
    finally:
        asks.close()
        loop.close()
    return forecast(surveyor.survey, Rhythm(delay=1.0))
