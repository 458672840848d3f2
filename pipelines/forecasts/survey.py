"""One step of a forecast: ask for what is wanted next, read it, and keep what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from crawler.forecasting.choosing import Wanted, next_wanted
from crawler.forecasting.seen import MOST_REQUESTS, SeenPage, Survey
from crawler.outcomes import Reason
from crawler.policy import CrawlPolicy, Scope
from crawler.requests.exchange import FetchResult
from crawler.rules.keys import Keys
from crawler.rules.urls import origin_of
from pipelines.forecasts.order import Body, Read
from pipelines.trying.fetching import Sender
from pipelines.trying.trial import Order

REDIRECTED = "redirected"  # why an address is no page: it led to another


class Asks(Protocol):
    """What a survey needs of who asks for it."""

    @property
    def requests(self) -> int:
        """Requests that were sent."""

    def fetch(self, url: str, *, sitemap: bool = False) -> FetchResult:
        """The answer to a URL, after redirects."""

    def robots(self) -> Mapping[str, tuple[int | None, bytes]]:
        """Of the hosts that were asked: status and body of robots.txt."""

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that robots.txt of a URL's host names."""


def begun(policy: CrawlPolicy) -> Survey:
    """A survey of which nothing is known."""
    keys = Keys.of(policy)
    return Survey(
        starts=list(dict.fromkeys(map(keys.canonical, policy.start_urls)))[: MOST_REQUESTS // 2],
        uses_sitemaps=bool(policy.sitemaps) or policy.robots_sitemaps,
        max_depth=policy.max_depth,
    )


@dataclass
class Surveyor:
    """Goes on with a survey, by the rules of a seed."""

    survey: Survey
    sender: Sender
    asks: Asks
    read: Callable[[Body], Read]

    def step(self) -> bool:
        """Ask for one address more; False when enough is known, or nothing can be."""
        if self.is_hopeless:
            return False
        self._name_sitemaps()
        wanted = next_wanted(self.survey)
        if wanted is None:
            return False
        before = self.asks.requests
        result = self.asks.fetch(wanted.url, sitemap=wanted.sitemap)
        self.survey.requests += self.asks.requests - before
        self._note(wanted, result)
        return True

    @property
    def is_hopeless(self) -> bool:
        """Whether no start address is a page: nothing can be said then."""
        asked = self.survey.asked
        return not self.survey.stored and all(url in asked for url in self.survey.starts)

    def _name_sitemaps(self) -> None:
        """Say which sitemaps there may be, once robots.txt is read."""
        survey, policy = self.survey, self.sender.policy
        if survey.names_sitemaps or not survey.pages:
            return
        survey.names_sitemaps = True
        links = policy.scope is not Scope.PAGE and policy.max_depth != 0
        if links or survey.uses_sitemaps:
            start = policy.start_urls[0]
            usual = f"{origin_of(start)}/sitemap.xml"
            named = [*policy.sitemaps, *self.asks.sitemaps(start)]
            survey.unread_sitemaps = list(dict.fromkeys(named or [usual]))

    def _note(self, wanted: Wanted, result: FetchResult) -> None:
        survey = self.survey
        if result.reason is not None or result.status == 304:
            if not wanted.sitemap:
                survey.note_page(_failed(wanted, result))
            return
        read = self.read(self._body(wanted, result))
        if read.sitemap is not None:
            survey.note_sitemap(read.sitemap)
        if read.page is None:
            return
        final = read.page.url
        if final != wanted.url:
            survey.note_page(_failed(wanted, result, REDIRECTED, final))
        if final == wanted.url or final not in survey.asked - {wanted.url}:
            survey.note_page(read.page)

    def _body(self, wanted: Wanted, result: FetchResult) -> Body:
        sender = self.sender
        order = Order.of_answer(
            wanted.url,
            result,
            user_agent=sender.user_agent,
            policy=sender.policy,
            collections=sender.policy.collections,
            robots=self.asks.robots(),
        )
        seconds = round(result.elapsed, 3)
        return Body(
            order=order,
            sitemap=wanted.sitemap,
            depth=wanted.depth,
            guessed=wanted.guessed,
            unlinked=wanted.unlinked,
            seconds=seconds,
        )


def _failed(wanted: Wanted, result: FetchResult, reason: str = "", leads_to: str = "") -> SeenPage:
    return SeenPage(
        url=wanted.url,
        depth=wanted.depth,
        stored=False,
        reason=reason or str(result.reason or Reason.INTERNAL_ERROR),
        detail=result.detail,
        leads_to=leads_to,
        seconds=round(result.elapsed, 3),
        guessed=wanted.guessed,
        unlinked=wanted.unlinked,
    )
