"""A leased host inside a session: its window of visits, its pace, its breaker."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings

from catalog.models import Host
from crawler.lanes import Lane, lane_of
from crawler.requests.exchange import FetchResult
from crawler.rules.pace import Lessons, pace_of
from crawler.rules.politeness import breaker_open_until, next_slowdown
from crawler.rules.robots import Robots
from pipelines.fetch.contexts import LastVersion, RunContext
from pipelines.frontier.window import Due


class HostLine:
    """What a session holds of one host. Times are epoch seconds; the pace is the host's, not a run's."""

    def __init__(self, host: Host, taken_over: datetime | None) -> None:
        self.host = host
        self.window: deque[Due] = deque()
        self.versions: dict[int, LastVersion] = {}
        self.in_hand: set[int] = set()  # visit ids loaded and not yet handed over
        self.refilling = asyncio.Lock()
        self.robots_lock = asyncio.Lock()
        self.robots: Robots | None = None
        self.robots_failure: FetchResult | None = None  # why robots.txt could not be had
        self.robots_expire = 0.0
        self.slots: set[asyncio.Task[None]] = set()
        self._turns: list[float] = []  # when slots that ended might have asked next
        self.under_way = 0
        self.dry = False  # the last refill found nothing
        self.hints = 0  # how often we were told to look again
        self.closing = False
        self._closed_idle = False
        self.urgent = False  # urgent work was announced, and no look has found that it is done
        self._idle_since = 0.0  # monotonic
        self._looked_again = False
        self.not_before = host.next_request_at.timestamp() if host.next_request_at else 0.0
        self._taken_over = taken_over
        self._runs: dict[int, RunContext] = {}
        self._changed = asyncio.Event()
        self.delay = 0.0
        self.connections = 1

    def join(self, runs: Iterable[RunContext]) -> None:
        """Take the politeness of runs into account: the largest delay, the fewest connections."""
        self._runs |= {run.run_id: run for run in runs}
        self.pace()
        if self._taken_over is not None:  # its last holder may have asked until then
            self.not_before = max(self.not_before, self._taken_over.timestamp() + self.delay)
            self._taken_over = None

    def knows(self, run_id: int) -> bool:
        return run_id in self._runs

    def pace(self) -> None:
        """Recompute the delay and the connections from the runs, robots.txt and the slow-down."""
        pace = pace_of(
            [run.policy for run in self._runs.values()],
            self.robots,
            Lessons(self.host.slowdown, self.host.failures),
            user_agent=settings.USER_AGENT,
            max_crawl_delay=settings.MAX_CRAWL_DELAY,
        )
        self.delay, self.connections = pace.delay, pace.connections

    @property
    def window_size(self) -> int:
        """How many visits to hold: two seconds of work, so that better work is never far behind."""
        if self.delay <= 0:
            return settings.BATCH_PAGES
        return min(settings.BATCH_PAGES, self.connections * (1 + int(2 / self.delay)))

    def turn(self) -> float:
        """When a new slot may ask first: it stands in for one that ended, if one did."""
        return self._turns.pop() if self._turns else 0.0

    def leave(self, ready_at: float) -> None:
        """A slot ends that may not ask before ``ready_at``."""
        self._turns.append(ready_at)
        self._turns.sort(reverse=True)  # the earliest is taken first
        del self._turns[max(0, self.connections - len(self.slots) + 1) :]

    def wake(self) -> None:
        """Look at the frontier again: there is new work, or the session is ending."""
        self.dry = False
        self.hints += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def changed(self) -> None:
        """Wait for the next :meth:`wake`."""
        await self._changed.wait()

    def close(self) -> None:
        """Take no further visit: the slots end, and then the host is given back."""
        self.closing = True
        self.wake()

    def reopen(self, now: float) -> None:
        """There is work again on a host that was to be given back for want of it."""
        if self.closing and self._closed_idle:
            self.closing, self._idle_since = False, now

    def close_if_idle(self, now: float, patience: float) -> None:
        """Close after so long without due work; look once more before, in case a hint was lost."""
        idle = now - self._idle_since
        if not self.dry or self.under_way or self.unsent:
            self._idle_since = now
        elif idle > patience:
            self._closed_idle = not self.closing
            self.close()
        elif idle > patience / 2 and not self._looked_again:
            self._looked_again = True
            self.wake()

    @property
    def unsent(self) -> bool:
        """Pages fetched and not handed over: a lease given back now would have them fetched twice."""
        return len(self.in_hand) > len(self.window)

    @property
    def ended(self) -> bool:
        """Nothing goes on any more and nothing is in hand: the host can be given back."""
        return not self.slots and not self.unsent

    def make_room_for(self, lane: Lane) -> None:
        """Give a window of lesser lanes back to the frontier, so that the better work is next."""
        self.urgent = self.urgent or lane == Lane.URGENT
        if self.window and lane < lane_of(self.window[0].rank):
            self.in_hand.difference_update(due.id for due in self.window)
            self.window.clear()

    def fill(self, visits: list[Due], versions: dict[int, LastVersion], hints: int) -> None:
        """Take visits into the window. What was announced since ``hints`` may not have been seen."""
        self.window.extend(visits)
        self.in_hand.update(due.id for due in visits)
        self.versions |= versions
        self.dry = not visits and self.hints == hints
        self.urgent = self.urgent and not self.dry
        self._looked_again = self._looked_again and self.dry

    def learn(self, result: FetchResult, ended: float) -> None:
        """Take an answer into account: the clock, slowing down on 429 and 503, and the breaker."""
        host = self.host
        host.last_status, host.last_reason = result.status, result.reason or ""
        host.last_fetch_at = datetime.fromtimestamp(ended, UTC)
        if result.status is not None:
            slowdown = next_slowdown(host.slowdown, result.status)
            if slowdown != host.slowdown:
                host.slowdown = slowdown
                self.pace()
        if result.retry_after is not None and result.transient:
            self.not_before = max(self.not_before, ended + result.retry_after)
        host.failures = host.failures + 1 if result.transient else 0
        open_until = breaker_open_until(
            host.failures, ended, connections=self.connections, scale=settings.TIME_SCALE
        )
        if open_until is not None:
            host.open_until = datetime.fromtimestamp(open_until, UTC)
            self.close()

    def next_request_at(self) -> datetime | None:
        """The earliest time for the host's next request, as far as is known now."""
        last = self.host.last_fetch_at.timestamp() if self.host.last_fetch_at else 0.0
        at = max(self.not_before, last + self.delay if last else 0.0)
        return datetime.fromtimestamp(at, UTC) if at else None
