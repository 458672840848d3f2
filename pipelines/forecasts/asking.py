"""Asking for a forecast: under the hosts' own leases and pace, as a session does, so that nobody is early."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import msgspec
from django.conf import settings
from django.db import Error as DatabaseError

from catalog.clock import db_now
from catalog.models import Host
from crawler.lanes import Lane
from crawler.outcomes import Reason
from crawler.requests.exchange import FetchRequest, FetchResult
from crawler.requests.headers import sendable
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import origin_of, without_credentials
from pipelines.fetch.contexts import Contexts, RunContext
from pipelines.fetch.host_pace import HostPace
from pipelines.fetch.loop import FetchLoop
from pipelines.fetch.robots import HostRobots
from pipelines.frontier import hosts
from pipelines.trying.fetching import MOST_REDIRECTS, Sender

PATIENCE = 3.0  # seconds that a worker waits for a host's next turn; for more, the work is laid aside


class NotNow(Exception):
    """A host may not be asked yet: ``at`` is when to come again, ``why`` a sentence for people."""

    def __init__(self, at: datetime, why: str) -> None:
        super().__init__(why)
        self.at = at
        self.why = why


@dataclass
class _Line:
    """A host that was leased."""

    host: Host
    pace: HostPace
    robots: HostRobots


@dataclass
class Asker:
    """Asks for one forecast; ``requests`` counts what was sent, robots.txt and redirects too."""

    loop: FetchLoop
    sender: Sender
    owner: str  # the worker's node name
    requests: int = 0
    _token: str = field(default_factory=lambda: secrets.token_hex(8))
    _lines: dict[str, _Line] = field(default_factory=dict)
    _keeping: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        policy = self.sender.policy
        self._scope = ScopeRules(policy, policy.start_urls)
        self._context = RunContext(
            run_id=0,
            seed_id=0,
            policy=policy,
            user_agent=self.sender.user_agent,
            headers=sendable(self.sender.headers),
            header_origins=frozenset(map(origin_of, policy.addresses)),
            rule_set_id=None,
        )

    async def ask(self, url: str, *, sitemap: bool = False) -> FetchResult:
        """The answer to a URL, after at most five redirects within the scope. Raises :class:`NotNow`."""
        starts = url in self.sender.policy.start_urls
        result = await self._ask(without_credentials(url), sitemap=sitemap)
        for _ in range(MOST_REDIRECTS):
            if result.location is None:
                return result
            if not starts and not sitemap and not self._scope.covers(result.location):
                return msgspec.structs.replace(result, reason=Reason.BAD_REDIRECT)
            result = await self._ask(result.location, sitemap=sitemap)
        too_many = result.location is not None
        return msgspec.structs.replace(result, reason=Reason.TOO_MANY_REDIRECTS) if too_many else result

    def robots(self) -> dict[str, tuple[int | None, bytes]]:
        """Of the hosts that were asked: status and body of robots.txt."""
        return {
            origin: (line.host.robots_status, line.host.robots_body.encode("latin-1"))
            for origin, line in self._lines.items()
            if line.host.robots_fetched_at
        }

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """Those that robots.txt of a URL's host names."""
        line = self._lines.get(origin_of(url))
        return line.robots.sitemaps if line else ()

    def pace(self, url: str) -> tuple[float, int]:
        """The delay and the connections of a URL's host."""
        line = self._lines.get(origin_of(url))
        policy = self.sender.policy
        return (line.pace.delay, line.pace.connections) if line else (policy.delay, policy.per_host)

    async def _ask(self, url: str, *, sitemap: bool) -> FetchResult:
        line = await self._line(origin_of(url))
        if self.sender.policy.obey_robots and (refusal := await self._refusal(line, url)) is not None:
            return refusal
        await self._turn(line)
        self.requests += 1
        own = origin_of(url) in self._context.header_origins
        result = await self.loop.fetcher.fetch(
            FetchRequest(
                url=url,
                user_agent=self.sender.user_agent,
                headers=self._context.headers or () if own else (),
                allow_networks=self.sender.policy.allow_networks,
                sitemap=sitemap,
            )
        )
        line.pace.learn(result, time.time())
        return result

    async def _refusal(self, line: _Line, url: str) -> FetchResult | None:
        before = line.host.robots_fetched_at
        if not line.robots.fresh(time.time()):
            await line.robots.refresh(self.loop, self._context, time.time())
        self.requests += line.host.robots_fetched_at != before
        return line.robots.refusal(self._context, url, time.time())

    async def _turn(self, line: _Line) -> None:
        """Wait until the host may be asked. Raises :class:`NotNow` when that is too long."""
        at = line.pace.next_request_at()
        wait = at.timestamp() - time.time() if at else 0.0
        if at is not None and wait > PATIENCE:
            raise NotNow(at, f"{line.host.origin} may be asked again in {wait:,.0f} s")
        await asyncio.sleep(max(0.0, wait))

    async def _line(self, origin: str) -> _Line:
        if origin not in self._lines:
            self._lines[origin] = await self.loop.database(lambda: self._lease(origin), urgent=True)
            self._keeping = self._keeping or asyncio.create_task(self._keep())
        return self._lines[origin]

    def _lease(self, origin: str) -> _Line:
        now, seconds = db_now(), settings.HOST_LEASE_SECONDS
        (pk,) = hosts.host_ids([origin]).values()
        host = hosts.lease_one(pk, self.owner, self._token, seconds, now)
        if host is None:
            soon = now + timedelta(seconds=PATIENCE)
            raise NotNow(
                soon, f"Crawlbeat is crawling {origin} at the moment, or gives it a rest after errors"
            )
        line_pace = HostPace(host)
        line = _Line(host, line_pace, HostRobots(host, line_pace.heed))
        line_pace.join([self._context, *Contexts().of_hosts([pk]).get(pk, ())])
        return line

    async def _keep(self) -> None:
        """Renew the leases after each third of their time, for ever."""
        while True:
            await asyncio.sleep(settings.HOST_LEASE_SECONDS / 3)
            times = {line.host.pk: line.pace.next_request_at() for line in self._lines.values()}
            with suppress(DatabaseError):
                own = await self.loop.database(partial(self._renew, times))
                self._lines = {origin: line for origin, line in self._lines.items() if line.host.pk in own}

    def _renew(self, times: Mapping[int, datetime | None]) -> set[int]:
        return hosts.renew(self._token, times, db_now() + timedelta(seconds=settings.HOST_LEASE_SECONDS))

    async def close(self) -> Mapping[Lane, Collection[int]]:
        """Give the hosts back; those that have other work due."""
        if self._keeping is not None:
            self._keeping.cancel()
        states = []
        for line in self._lines.values():
            line.host.next_request_at = line.pace.next_request_at()
            states.append(line.host)
        if not states:
            return {}
        return await self.loop.database(lambda: hosts.release(self._token, states, db_now()))
