"""robots.txt of a leased host: had once a day, asked before each visit, on no page's slot."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.conf import settings

from catalog.models import Host
from crawler.outcomes import Reason
from crawler.requests.exchange import FetchResult
from crawler.rules.retries import is_transient
from crawler.rules.robots import Robots
from pipelines.fetch.contexts import RunContext
from pipelines.fetch.hostline import HostLine
from pipelines.fetch.loop import FetchLoop

CACHE_SECONDS = 24 * 3600.0  # RFC 9309 section 2.4: not longer than 24 hours
RETRY_SECONDS = 30.0  # after an unreachable robots.txt


async def robots_refusal(
    loop: FetchLoop, line: HostLine, context: RunContext, url: str
) -> FetchResult | None:
    """The result of a visit that robots.txt forbids, or that must wait for it; None to go ahead."""
    if not context.policy.obey_robots:
        return None
    async with line.robots_lock:
        if line.robots is None or time.time() >= line.robots_expire:
            await _obtain(loop, line, context)
    robots = line.robots
    if robots is None or robots.allowed(url, context.user_agent):
        return None
    if robots.unreachable:
        return _unreachable(line, url)
    return FetchResult(
        url=url,
        reason=Reason.ROBOTS,
        started_at=time.time(),
        detail=robots.rule(url, context.user_agent),
    )


async def _obtain(loop: FetchLoop, line: HostLine, context: RunContext) -> None:
    """Take robots.txt from the host's row while it is fresh, else fetch and keep it."""
    host = line.host
    if host.robots_expires_at and host.robots_expires_at.timestamp() > time.time():
        line.robots_failure = None
    else:
        result = await loop.fetcher.fetch_robots(
            host.origin, context.user_agent, context.policy.allow_networks
        )
        if result.reason == Reason.BLOCKED_ADDRESS:  # this run's own limit, no fact of the host
            line.robots = None
            return
        line.robots_failure = result if Robots.from_response(result.status, b"").unreachable else None
        _keep(host, result)
        await loop.database(lambda: host.save(update_fields=_ROBOTS_FIELDS))
    assert host.robots_expires_at is not None
    line.robots = Robots.from_response(host.robots_status, host.robots_body.encode("latin-1"))
    line.robots_expire = host.robots_expires_at.timestamp()
    line.pace()


_ROBOTS_FIELDS = ["robots_body", "robots_status", "robots_fetched_at", "robots_expires_at"]


def _keep(host: Host, result: FetchResult) -> None:
    now = time.time()
    unreachable = Robots.from_response(result.status, b"").unreachable
    keep_for = RETRY_SECONDS * settings.TIME_SCALE if unreachable else CACHE_SECONDS
    host.robots_status = result.status
    host.robots_body = result.body.decode("latin-1").replace("\0", "")
    host.robots_fetched_at = datetime.fromtimestamp(now, UTC)
    host.robots_expires_at = datetime.fromtimestamp(now + keep_for, UTC)


def _unreachable(line: HostLine, url: str) -> FetchResult:
    """Complete disallow while robots.txt cannot be had (RFC 9309 section 2.3.1.4): try again later."""
    failure = line.robots_failure
    reason = Reason.ROBOTS_UNREACHABLE
    if failure is not None and failure.status is None and failure.reason:
        reason = Reason(failure.reason)  # the host itself cannot be reached: say so
    return FetchResult(
        url=url,
        status=failure.status if failure else None,
        reason=reason,
        transient=is_transient(reason),
        started_at=time.time(),
        detail="robots.txt could not be had" + (f": {failure.detail}" if failure and failure.detail else ""),
    )
