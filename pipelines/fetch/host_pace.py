"""The pace of a leased host: when it may be asked, on how many connections, and what its answers teach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings

from catalog.models import Host
from crawler.requests.exchange import FetchResult
from crawler.rules.breaker import Breaker, breaker_open_until
from crawler.rules.pace import Lessons, pace_of
from crawler.rules.politeness import next_slowdown
from crawler.rules.robots import Robots
from pipelines.fetch.contexts import RunContext

AHEAD = 2.0  # seconds of work that a session loads at once: better work that comes meanwhile is next


class HostPace:
    """The pace belongs to the host, not to a run. Times are epoch seconds, durations seconds.

    What the answers teach is kept on the host's row, which its session writes when it gives the host back.
    """

    def __init__(self, host: Host) -> None:
        """``host`` as it was before it was leased: another may have asked it until ``lease_until``."""
        self._host = host
        self._runs: dict[int, RunContext] = {}
        self._robots: Robots | None = None
        self._last_holder_until = host.lease_until
        self.breaker = Breaker(host.failures, host.failing)
        self._opened_at = self._slowed_at = 0.0
        self.not_before = host.next_request_at.timestamp() if host.next_request_at else 0.0
        self.delay = 0.0  # from the end of an answer to the next request
        self.connections = 1

    def join(self, runs: Iterable[RunContext]) -> None:
        """Take the politeness of runs into account: the largest delay, the fewest connections."""
        self._runs |= {run.run_id: run for run in runs}
        self._compute()
        if self._last_holder_until is not None:  # that session may have asked until then
            self.not_before = max(self.not_before, self._last_holder_until.timestamp() + self.delay)
            self._last_holder_until = None

    def knows(self, run_id: int) -> bool:
        """Whether the politeness of a run is taken into account."""
        return run_id in self._runs

    def heed(self, robots: Robots) -> None:
        """Take the Crawl-delay of robots.txt into account."""
        self._robots = robots
        self._compute()

    def _compute(self) -> None:
        pace = pace_of(
            [run.policy for run in self._runs.values()],
            self._robots,
            Lessons(self._host.slowdown, self._host.failures),
            user_agent=settings.USER_AGENT,
            max_crawl_delay=settings.MAX_CRAWL_DELAY,
        )
        self.delay, self.connections = pace.delay, pace.connections

    @property
    def window_size(self) -> int:
        """How many visits to load at once: what is fetched in :data:`AHEAD` seconds, at most a batch."""
        if self.delay <= 0:
            return settings.BATCH_PAGES
        return min(settings.BATCH_PAGES, self.connections * (1 + int(AHEAD / self.delay)))

    def learn(self, result: FetchResult, ended: float, *, first_try: bool = True) -> bool:
        """Take an answer into account: the clock, slowing down on 429 and 503, Retry-After, the breaker.

        ``first_try``: its visit has not failed before. True when the breaker has opened: the host must not
        be asked again now.
        """
        host, breaker = self._host, self.breaker
        host.last_status, host.last_reason = result.status, result.reason or ""
        host.last_fetch_at = datetime.fromtimestamp(ended, UTC)
        if result.retry_after is not None and result.transient:
            self.not_before = max(self.not_before, ended + result.retry_after)
        self._slow_down(result, ended)
        opened = False
        if not result.transient:
            breaker.answered(result.url)
            host.open_until = None  # it may have been under way as the breaker opened
        elif result.started_at >= self._opened_at:
            opened = breaker.failed(result.url, first_try=first_try) and self._open(ended)
        host.failures, host.failing = breaker.failures, breaker.failing
        return opened

    @property
    def gave_up(self) -> bool:
        """Whether its last probe was made in this session and failed, and was one too many."""
        return self._opened_at > 0 and self.breaker.given_up

    def _slow_down(self, result: FetchResult, ended: float) -> None:
        """Requests under way together slow down once, and a section that fails by itself not at all."""
        host, status = self._host, result.status
        if status is None or (status == 503 and self.breaker.is_apart(result.url)):
            return
        slowdown = next_slowdown(host.slowdown, status)
        if slowdown > host.slowdown and result.started_at < self._slowed_at:
            return
        if slowdown > host.slowdown:
            self._slowed_at = ended
        if slowdown != host.slowdown:
            host.slowdown = slowdown
            self._compute()

    def _open(self, ended: float) -> bool:
        """Open the breaker if the evidence is enough. Requests that are under way now are none."""
        open_until = breaker_open_until(self.breaker.failures, ended, scale=settings.TIME_SCALE)
        if open_until is None:
            return False
        self._opened_at = ended
        self._host.open_until = datetime.fromtimestamp(open_until, UTC)
        return True

    def next_request_at(self) -> datetime | None:
        """The earliest time for the host's next request, as far as is known now."""
        last = self._host.last_fetch_at.timestamp() if self._host.last_fetch_at else 0.0
        at = max(self.not_before, last + self.delay if last else 0.0)
        return datetime.fromtimestamp(at, UTC) if at else None
