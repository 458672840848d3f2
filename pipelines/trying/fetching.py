"""Fetching for a try: the guard, robots.txt, one request at a time, and a host's pause between two.

What a session does for a host it leases (:mod:`pipelines.fetch.session`) is done here for one that nobody
leases: nothing is read from tables or kept in them.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import msgspec
from django.conf import settings

from crawler.outcomes import Reason
from crawler.policy import CrawlPolicy
from crawler.requests.exchange import FetchRequest, FetchResult, one_line
from crawler.requests.fetch import Fetcher
from crawler.rules.politeness import host_delay
from crawler.rules.robots import Robots
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import origin_of, without_credentials

MOST_REDIRECTS = 5


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf pages are fetched: a seed's rules, or those of a command line."""

    policy: CrawlPolicy
    headers: tuple[tuple[str, str], ...] = ()  # secrets; sent to the start URLs' origins only

    @property
    def user_agent(self) -> str:
        """What servers are told."""
        return self.policy.user_agent or settings.USER_AGENT

    def request(self, url: str) -> FetchRequest:
        """The request for a URL."""
        own = origin_of(url) in {origin_of(start) for start in self.policy.start_urls}
        return FetchRequest(
            url=url,
            user_agent=self.user_agent,
            headers=self.headers if own else (),
            allow_networks=self.policy.allow_networks,
        )


@dataclass
class _Host:
    """What is known of a host while several of its pages are tried."""

    robots: FetchResult | None = None
    next_at: float = 0.0  # by the monotonic clock


@dataclass
class Visits:
    """The visits of one try, which share what is known of their hosts."""

    fetcher: Fetcher
    sender: Sender
    _hosts: dict[str, _Host] = field(default_factory=dict)

    async def visit(self, url: str) -> FetchResult:
        """The answer to a URL, after at most five redirects.

        As in a crawl, a start URL may lead anywhere, and any other URL to what is in scope.
        """
        scope = ScopeRules(self.sender.policy, self.sender.policy.start_urls)
        starts = url in self.sender.policy.start_urls
        result = await self._ask(without_credentials(url))
        for _ in range(MOST_REDIRECTS):
            if result.location is None:
                return result
            if not starts and not scope.covers(result.location):
                detail = f"it redirects to {one_line(result.location)}, which is not in the scope of the seed"
                return msgspec.structs.replace(result, reason=Reason.BAD_REDIRECT, detail=detail)
            result = await self._ask(result.location)
        if result.location is None:
            return result
        return msgspec.structs.replace(result, reason=Reason.TOO_MANY_REDIRECTS)

    def robots(self) -> dict[str, tuple[int | None, bytes]]:
        """Of the hosts that were asked: status and body of robots.txt."""
        read = {origin: host.robots for origin, host in self._hosts.items()}
        return {origin: (result.status, result.body) for origin, result in read.items() if result}

    async def _ask(self, url: str) -> FetchResult:
        host = self._hosts.setdefault(origin_of(url), _Host())
        if self.sender.policy.obey_robots and (refusal := await self._refusal(host, url)) is not None:
            return refusal
        await asyncio.sleep(max(0.0, host.next_at - time.monotonic()))
        result = await self.fetcher.fetch(self.sender.request(url))
        host.next_at = time.monotonic() + self._delay(host)
        return result

    async def _refusal(self, host: _Host, url: str) -> FetchResult | None:
        """The result of a visit that robots.txt forbids, or that must wait for it (RFC 9309 2.3.1.4)."""
        if host.robots is None:
            host.robots = await self.fetcher.fetch_robots(
                origin_of(url), self.sender.user_agent, self.sender.policy.allow_networks
            )
        read = host.robots
        if read.reason == Reason.BLOCKED_ADDRESS:
            return msgspec.structs.replace(read, url=url)
        rules = Robots.from_response(read.status, read.body)
        if rules.allowed(url, self.sender.user_agent):
            return None
        if not rules.unreachable:
            detail = f"robots.txt forbids it: {one_line(rules.rule(url, self.sender.user_agent))}"
            return FetchResult(url=url, reason=Reason.ROBOTS, detail=detail)
        reason = read.reason if read.status is None and read.reason else Reason.ROBOTS_UNREACHABLE
        cause = f": {read.detail}" if read.detail else ""
        return FetchResult(
            url=url, status=read.status, reason=reason, detail=f"robots.txt could not be had{cause}"
        )

    def _delay(self, host: _Host) -> float:
        """Seconds to the host's next request."""
        read = host.robots
        asked = (
            None
            if read is None
            else Robots.from_response(read.status, read.body).crawl_delay(self.sender.user_agent)
        )
        return host_delay([self.sender.policy.delay], asked, 1.0, max_crawl_delay=settings.MAX_CRAWL_DELAY)
