"""A fetch session: fetches from leased hosts for some seconds, each at its own pace, and delivers groups."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.db import Error as DatabaseError

from crawler.lanes import Lane, worst_rank
from crawler.outcomes import Reason
from crawler.requests.exchange import FetchResult
from crawler.seed_requests import split_token
from pipelines.fetch import wakeups
from pipelines.fetch.contexts import Contexts, LastVersion, RunContext
from pipelines.fetch.delivery import Delivery
from pipelines.fetch.groups import Answer, Groups, checked, host_down, same_text
from pipelines.fetch.host_line import HostLine
from pipelines.fetch.leases import Leases
from pipelines.fetch.loop import FetchLoop, fetch_loop
from pipelines.fetch.plan import Plan, Summary
from pipelines.fetch.refills import Refills
from pipelines.frontier import batches
from pipelines.frontier.window import Due

log = logging.getLogger(__name__)

TICK = 0.1  # seconds between looks at the clock, the stop flag and idle hosts
HELD_UP_SECONDS = 0.5  # a session that waits longer for its last answers lets the next one begin
CLAIM_EVERY = 1.0  # seconds between claims without a hint


def run_session(plan: Plan) -> Summary:
    """Run one session on the process's loop; returns when it is over and everything is handed over."""
    loop = fetch_loop()
    return loop.run(FetchSession(plan, loop).run())


class FetchSession:
    """Serves leased hosts, each with as many connections as its politeness allows, and hands groups over."""

    def __init__(self, plan: Plan, loop: FetchLoop) -> None:
        self._plan = plan
        self._loop = loop
        self._contexts = Contexts()
        self._leases = Leases(loop, self._contexts, plan.owner, plan.lane, plan.max_rank)
        self._refills = Refills(loop, self._contexts, self._ranks_now)
        self._delivery = Delivery(loop, self._leases, plan.publish)
        self._groups = Groups(self._delivery.deliver)
        self._flowing = asyncio.Event()  # cleared while parse and store are behind
        self._flowing.set()
        self._resting: set[asyncio.Task[None]] = set()
        self._ends = time.monotonic() + plan.seconds
        self._claim_now = True
        self._draining = False
        self._fetched = 0

    # the session as a whole ---------------------------------------------------------------------------

    async def run(self) -> Summary:
        """Serve until the time is up, the worker stops or nothing is due; then hand everything over."""
        background = [
            asyncio.create_task(wakeups.listen(settings.REDIS_URL, self._take_hint)),
            asyncio.create_task(self._leases.keep()),
        ]
        try:
            await self._serve_hosts()
        finally:
            self._drain()
            try:
                await self._finish()
            except DatabaseError:
                log.warning(
                    "a session cannot give its hosts back, they wait for its leases to end", exc_info=True
                )
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
        return Summary(self._fetched, self._delivery.delivered, self._leases.taken_over)

    async def _serve_hosts(self) -> None:
        next_claim = quiet_since = time.monotonic()
        while not self._over():
            now = time.monotonic()
            if self._claim_now or now >= next_claim:
                self._claim_now = False
                next_claim = now + CLAIM_EVERY
                await self._claim()
            await self._release_ended()
            if self._leases.lines:
                quiet_since = now
            elif now - quiet_since > settings.SESSION_IDLE_SECONDS:
                return
            for line in self._leases.lines.values():
                line.close_if_idle(now, self._plan.patience)
            await asyncio.sleep(TICK)

    def _over(self) -> bool:
        return time.monotonic() >= self._ends or self._plan.stopping()

    def _drain(self) -> None:
        """Start no further request: connections that wait are ended, those that fetch finish."""
        self._draining = True
        self._flow()
        for task in list(self._resting):
            task.cancel()

    async def _finish(self) -> None:
        """Let every request end, hand everything over, and give each host back as soon as that is done."""
        tasks = {task for line in self._leases.lines.values() for task in line.connections.tasks}
        held_up = time.monotonic() + HELD_UP_SECONDS
        while tasks:
            _, tasks = await asyncio.wait(tasks, timeout=TICK)
            await self._release_ended()
            if time.monotonic() >= held_up:
                held_up = math.inf
                await self._loop.database(self._plan.make_room)
        async for _ in self._groups.drained():
            await self._release_ended()
        await self._release(list(self._leases.lines.values()))

    async def _release_ended(self) -> None:
        await self._release([line for line in self._leases.lines.values() if line.ended])

    async def _release(self, lines: Sequence[HostLine]) -> None:
        """Give hosts back. Work that we could no longer take is announced to other sessions."""
        if due := self._plan.of_others(await self._leases.release(lines)):
            await self._loop.database(lambda: self._plan.announce(due))

    # new work and back-pressure -----------------------------------------------------------------------

    async def _claim(self) -> None:
        await self._watch_pressure()
        if self._flowing.is_set():
            for line in await self._leases.claim(time.monotonic()):
                self._open_connections(line)

    async def _watch_pressure(self) -> None:
        """Stop asking for pages while parse and store are far behind: work waits better in the frontier."""
        if self._plan.lane == Lane.URGENT:
            return
        open_batches = await self._loop.database(batches.open_batches)
        if open_batches > settings.MAX_OPEN_BATCHES:
            self._flowing.clear()
        elif open_batches <= settings.MAX_OPEN_BATCHES // 2 and not self._flowing.is_set():
            self._flow()

    def _flow(self) -> None:
        """Let connections that back-pressure held go on, and look again for work that is not urgent."""
        self._flowing.set()
        for line in self._leases.lines.values():
            line.wake()

    def _take_hint(self, hint: wakeups.WakeUp) -> None:
        """These hosts have new work: ours look again, others may be claimed."""
        now = time.monotonic()
        for host_id in hint.hosts:
            line = self._leases.lines.get(host_id)
            if line is None:
                self._claim_now = self._claim_now or self._plan.serves(hint.lane)
            else:
                line.announce(hint.lane, now)
                self._open_connections(line)

    # one host -----------------------------------------------------------------------------------------

    def _open_connections(self, line: HostLine) -> None:
        while len(line.connections.tasks) < line.pace.connections and not self._draining and not line.closing:
            task = line.connections.open(self._serve(line))
            task.add_done_callback(partial(_close_if_failed, line))

    async def _serve(self, line: HostLine) -> None:
        """One connection to one host: wait for the turn, take the best visit, fetch it, and again."""
        ready_at = line.connections.take_turn()
        try:
            while await self._turn(line, ready_at):
                due = await self._next(line)
                if due is None:
                    return
                if await self._visit(line, due):
                    ready_at = time.time() + line.pace.delay
        except DatabaseError:
            log.warning("the database went away while serving %s", line.host.origin, exc_info=True)
            self._ends = 0.0
        finally:
            line.connections.leave(ready_at, line.pace.connections)

    async def _turn(self, line: HostLine, ready_at: float) -> bool:
        """Wait until the host may be asked again; False when that is after the session's end.

        Back-pressure does not delay urgent work.
        """
        while not (self._flowing.is_set() or line.window.urgent or line.closing):
            await line.changed()
        wait = max(ready_at, line.pace.not_before) - time.time()
        if wait > 0:
            if time.monotonic() + wait > self._ends:
                return False
            await self._rest(wait)
        return not self._draining

    async def _rest(self, seconds: float) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._resting.add(task)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._resting.discard(task)

    async def _next(self, line: HostLine) -> Due | None:
        """The host's best due visit; waits a little when there is none; None when the line closes."""
        window = line.window
        while not self._draining and not line.closing and self._leases.valid(time.monotonic()):
            due = window.take()
            if due is not None:
                return due
            if window.dry:
                await line.changed()
            else:
                await self._refill(line)
        return None

    def _ranks_now(self) -> int:
        """The worst rank that is worth fetching: under back-pressure, only urgent work is."""
        return self._plan.max_rank if self._flowing.is_set() else worst_rank(Lane.URGENT)

    async def _refill(self, line: HostLine) -> None:
        async with line.window.refilling:
            if not line.window.wants_visits:
                return  # another connection has refilled it
            hints = line.window.hints
            visits, versions, runs, closed = await self._refills.load(line)
            if runs:
                line.pace.join(runs)
                self._open_connections(line)
            line.fill(visits, versions, hints)
            line.window.closed |= closed

    async def _visit(self, line: HostLine, due: Due) -> bool:
        """Carry out one visit; False when no request was made, so that no delay is due."""
        async with self._leases.blaming(line.host, due.id) as wanted:
            if wanted:
                return await self._ask(line, due)
            killed = FetchResult(url=due.url, reason=Reason.FETCH_KILLED, started_at=time.time())
            self._groups.add(line.window, due, Answer(killed))
            return False

    async def _ask(self, line: HostLine, due: Due) -> bool:
        """Ask for one URL; False when robots.txt refused it."""
        context = self._contexts[due.run_id]
        last = line.window.version_of(due)
        if line.pace.gave_up or line.window.is_closed(due.id):
            result = host_down(line.host, due) if line.pace.gave_up else same_text(due)
            self._groups.add(line.window, due, Answer(result))
            return False
        if context.policy.obey_robots and not line.robots.fresh(time.time()):
            await line.robots.refresh(self._loop, context, time.time())
        now = time.time()
        refusal = context.refusal(due.url, now) or line.robots.refusal(context, split_token(due.url)[0], now)
        sitemaps = line.robots.sitemaps if context.wants_sitemaps(due) else ()
        if refusal is not None:
            self._groups.add(line.window, due, Answer(refusal, None, sitemaps))
            return False
        result = await self._request(context, due, last)
        line.learn(result, time.time(), first_try=not due.attempts)
        if line.pace.gave_up:
            result = host_down(line.host, due, result.status)
        cookies = result.location is not None and bool(self._cookie(due))
        request, once = context.seed_request(due.url), context.is_once(due, result)
        answer = Answer(checked(result, last), last, sitemaps, cookies, request, once)
        self._groups.add(line.window, due, answer)
        self._fetched += 1
        return True

    async def _request(self, context: RunContext, due: Due, last: LastVersion | None) -> FetchResult:
        """Make the request, with the cookies that the run has from this origin, and keep new ones."""
        result = await self._loop.fetcher.fetch(context.request(due, last, self._cookie(due)))
        result = context.followed(due, result)
        lines = [value for name, value in result.headers if name == "set-cookie"]
        if lines:
            self._loop.cookies.keep(due.run_id, due.url, lines, time.time())
        return result

    def _cookie(self, due: Due) -> str:
        return self._loop.cookies.header(due.run_id, due.url, time.time())


def _close_if_failed(line: HostLine, task: asyncio.Task[None]) -> None:
    """An error on a connection ends the work on its host; the other hosts go on."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a connection of %s failed", line.host.origin, exc_info=error)
        line.close()
