"""robots.txt of a leased host: read once a day, checked before each visit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings

from catalog.models import Host
from crawler.outcomes import Reason
from crawler.requests.exchange import FetchResult, one_line
from crawler.rules.retries import is_transient
from crawler.rules.robots import Robots
from pipelines.fetch.contexts import RunContext
from pipelines.fetch.loop import FetchLoop

CACHE_SECONDS = 24 * 3600.0  # RFC 9309 section 2.4: not longer than 24 hours
RETRY_SECONDS = 30.0  # after an unreachable robots.txt


class HostRobots:
    """What the host's robots.txt says to the runs that obey it. Times are epoch seconds.

    It is kept on the host's row, so that the sessions of a day read it once.
    """

    def __init__(self, host: Host, heed: Callable[[Robots], None]) -> None:
        """``heed`` is called with the rules each time they are read, to follow their Crawl-delay."""
        self._host = host
        self._heed = heed
        self._rules: Robots | None = None
        self._expires_at = 0.0
        self._reading = asyncio.Lock()

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that it names; none before it was read."""
        return self._rules.sitemaps if self._rules else ()

    def fresh(self, now: float) -> bool:
        """Whether the rules are known and not too old."""
        return self._rules is not None and now < self._expires_at

    async def refresh(self, loop: FetchLoop, context: RunContext, now: float) -> None:
        """Read robots.txt for a run, unless another connection has done so meanwhile."""
        async with self._reading:
            if not self.fresh(now):
                await self._read(loop, context, now)

    def refusal(self, context: RunContext, url: str, now: float) -> FetchResult | None:
        """The result of a visit that robots.txt forbids, or that must wait for it; None to go ahead."""
        rules = self._rules
        if not context.policy.obey_robots or rules is None or rules.allowed(url, context.user_agent):
            return None
        if rules.unreachable:
            return self._unreachable(url, now)
        detail = one_line(rules.rule(url, context.user_agent))
        return FetchResult(url=url, reason=Reason.ROBOTS, started_at=now, detail=detail)

    async def _read(self, loop: FetchLoop, context: RunContext, now: float) -> None:
        """Take robots.txt from the host's row while it is fresh, else fetch it and keep it there."""
        host = self._host
        if not host.robots_expires_at or host.robots_expires_at.timestamp() <= now:
            result = await loop.fetcher.fetch_robots(
                host.origin, context.user_agent, context.policy.allow_networks
            )
            if result.reason == Reason.BLOCKED_ADDRESS:  # a limit of this run, not a fact of the host
                self._rules = None
                return
            _keep(host, result)
            await loop.database(lambda: host.save(update_fields=_ROBOTS_FIELDS))
        assert host.robots_expires_at is not None
        self._rules = Robots.from_response(host.robots_status, host.robots_body.encode("latin-1"))
        self._expires_at = host.robots_expires_at.timestamp()
        self._heed(self._rules)

    def _unreachable(self, url: str, now: float) -> FetchResult:
        """Complete disallow while robots.txt cannot be read (RFC 9309 section 2.3.1.4): try again later.

        If the host itself cannot be reached, that is the reason: it would be so for any of its addresses.
        """
        host = self._host
        reason = Reason(host.robots_reason or Reason.ROBOTS_UNREACHABLE)
        cause = f"robots.txt could not be had{f': {host.robots_detail}' if host.robots_detail else ''}"
        return FetchResult(
            url=url,
            status=host.robots_status,
            reason=reason,
            transient=is_transient(reason),
            started_at=now,
            detail=host.robots_detail if reason in THE_HOST else cause,
        )


THE_HOST = frozenset((Reason.DNS, Reason.CONNECT, Reason.TLS))  # it was not reached at all


_ROBOTS_FIELDS = [
    *("robots_body", "robots_status", "robots_reason", "robots_detail"),
    *("robots_fetched_at", "robots_expires_at"),
]


def _keep(host: Host, result: FetchResult) -> None:
    ended = result.started_at + result.elapsed
    unreachable = Robots.from_response(result.status, b"").unreachable
    keep_for = RETRY_SECONDS * settings.TIME_SCALE if unreachable else CACHE_SECONDS
    host.robots_status = result.status
    host.robots_reason = (result.reason or "") if unreachable and result.status is None else ""
    host.robots_detail = result.detail[:300] if unreachable else ""
    host.robots_body = result.body.decode("latin-1").replace("\0", "")
    host.robots_fetched_at = datetime.fromtimestamp(ended, UTC)
    host.robots_expires_at = datetime.fromtimestamp(ended + keep_for, UTC)
