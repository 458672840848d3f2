"""Forecasts of sites in memory: survey, choice, reading and estimate are those of the product; no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from crawler.forecasting.forecast import Forecast, Rhythm, forecast
from crawler.outcomes import http_reason
from crawler.policy import CrawlPolicy
from crawler.requests.exchange import FetchResult
from crawler.rules.robots import Robots
from pipelines.forecasts.order import Body, Read
from pipelines.forecasts.reading import read
from pipelines.forecasts.survey import Surveyor, begun
from pipelines.trying.fetching import Sender
from tests.fakeweb.answers import Answer, Request

BASE = "http://drawn.example"
AGENT = "CrawlbeatBench"


class Site(Protocol):
    """A site in memory."""

    pages: int
    base: str

    def answer(self, request: Request) -> Answer | None:
        """What its server would answer."""


class InMemory:
    """Asks a site that is in memory; ``requests`` counts what would have been sent."""

    def __init__(self, site: Site) -> None:
        self._site = site
        site.base = BASE
        self._robots: bytes | None = None
        self.requests = 0

    def fetch(self, url: str, *, sitemap: bool = False) -> FetchResult:
        """The answer to a URL, after one redirect at most."""
        if self._robots is None:
            self._robots = self._answer(f"{BASE}/robots.txt").body
        result = self._answer(url)
        return self._answer(result.location) if result.location else result

    def robots(self) -> Mapping[str, tuple[int | None, bytes]]:
        """Status and body of robots.txt."""
        return {BASE: (200, self._robots or b"")}

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that robots.txt names."""
        return Robots.from_response(200, self._robots or b"").sitemaps

    def _answer(self, url: str) -> FetchResult:
        self.requests += 1
        parts = urlsplit(url)
        answer = self._site.answer(
            Request("GET", f"{parts.path}{'?' + parts.query if parts.query else ''}", {})
        ) or Answer(404)
        location = dict(answer.headers).get("location")
        body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
        reason = None if answer.status < 400 else http_reason(answer.status)
        headers = (("content-type", answer.content_type or ""),)
        return FetchResult(
            url=url, status=answer.status, reason=reason, headers=headers, body=body if not reason else b"",
            location=location, elapsed=0.1,
        )  # fmt: skip


def forecast_of(site: Site, read_body: Callable[[Body], Read] = read) -> Forecast:
    """What a forecast says of a site."""
    uses = bool(getattr(site, "uses_sitemap", False))
    policy = CrawlPolicy(start_urls=(f"{BASE}/",), delay=0.0, user_agent=AGENT, robots_sitemaps=uses)
    surveyor = Surveyor(begun(policy), Sender(policy=policy), InMemory(site), read_body)
    while surveyor.step():
        pass
    return forecast(surveyor.survey, Rhythm(delay=1.0))
