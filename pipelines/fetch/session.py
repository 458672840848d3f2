"""A fetch session: some seconds of leased hosts, each paced on one loop, groups leaving as they fill."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseError

from crawler.records import FetchResult, Lane, Reason
from djsite.catalog.clock import db_now
from djsite.catalog.models import Batch, Host
from pipelines import archive
from pipelines.fetch import wakes
from pipelines.fetch.contexts import Contexts, LastVersion, RunContext
from pipelines.fetch.groups import Group, Groups
from pipelines.fetch.hostline import HostLine
from pipelines.fetch.loop import FetchLoop, fetch_loop
from pipelines.fetch.robots import robots_refusal
from pipelines.frontier import hosts, window
from pipelines.frontier.window import Due, HandOver

log = logging.getLogger(__name__)

TICK = 0.1  # seconds between looks at the clock, the stop flag and idle hosts
CLAIM_EVERY = 1.0  # seconds between claims that nobody asked for


@dataclass(frozen=True)
class Plan:
    """What a session is for: its lane, whose it is, and how it hands groups on and learns to stop."""

    lane: Lane
    owner: str  # the worker's node name
    publish: Callable[[Batch], None]  # sends the batch's chain; must not raise
    stopping: Callable[[], bool]  # the worker is shutting down
    seconds: float

    @property
    def max_rank(self) -> int:
        """Urgent sessions touch urgent work only; the others take what is best on their hosts."""
        return 9 if self.lane == Lane.URGENT else Host.NO_WORK - 1


@dataclass
class Summary:
    """What a session did: requests made, groups handed over, and whether due hosts are left."""

    fetched: int = 0
    groups: int = 0
    more: bool = False


def run_session(plan: Plan) -> Summary:
    """Run one session on the process's loop; returns when it is over and everything is handed over."""
    loop = fetch_loop()
    return loop.run(FetchSession(plan, loop).run())


class FetchSession:
    """Leases hosts, serves each with as many slots as its politeness allows, hands groups over."""

    def __init__(self, plan: Plan, loop: FetchLoop) -> None:
        self._plan = plan
        self._loop = loop
        self._token = secrets.token_hex(8)
        self._contexts = Contexts()
        self._lines: dict[int, HostLine] = {}
        self._slots: dict[int, set[asyncio.Task[None]]] = {}
        self._resting: set[asyncio.Task[None]] = set()
        self._groups = Groups(self._deliver)
        self._requests = asyncio.Semaphore(settings.SESSION_REQUESTS)
        self._flowing = asyncio.Event()  # cleared while parse and store are behind
        self._flowing.set()
        self._ends = time.monotonic() + plan.seconds
        self._leased_until = 0.0  # monotonic; after it our leases may be somebody else's
        self._claim_now = True
        self._draining = False
        self._summary = Summary()

    # the session as a whole ---------------------------------------------------------------------------

    async def run(self) -> Summary:
        listening = asyncio.create_task(wakes.listen(settings.REDIS_URL, self._heard))
        renewing = asyncio.create_task(self._keep_leases())
        try:
            await self._serve_hosts()
        finally:
            self._drain()
            with suppress(DatabaseError):
                await self._finish()
            for task in (listening, renewing):
                task.cancel()
            await asyncio.gather(listening, renewing, return_exceptions=True)
        return self._summary

    async def _serve_hosts(self) -> None:
        """Claim and serve until the time is up, the worker stops, or there has been nothing to do."""
        next_claim = quiet_since = time.monotonic()
        while not self._over():
            now = time.monotonic()
            if self._claim_now or now >= next_claim:
                self._claim_now = False
                next_claim = now + CLAIM_EVERY
                await self._watch_pressure()
                await self._claim()
            await self._release_ended()
            if self._lines:
                quiet_since = now
            elif now - quiet_since > settings.SESSION_IDLE_SECONDS:
                return
            self._close_idle()
            await asyncio.sleep(TICK)

    def _over(self) -> bool:
        return time.monotonic() >= self._ends or self._plan.stopping()

    def _drain(self) -> None:
        """Begin no further request; slots that wait are ended, those that fetch finish."""
        self._draining = True
        self._flowing.set()
        for line in self._lines.values():
            line.wake()
        for task in list(self._resting):
            task.cancel()

    async def _finish(self) -> None:
        await asyncio.gather(
            *(task for tasks in self._slots.values() for task in tasks), return_exceptions=True
        )
        await self._groups.drain()
        await self._release(list(self._lines))
        self._summary.more = await self._loop.database(self._more_due)

    def _more_due(self) -> bool:
        return hosts.claimable(self._plan.max_rank, db_now())

    # leases -------------------------------------------------------------------------------------------

    async def _claim(self) -> None:
        room = settings.SESSION_HOSTS - len(self._lines)
        if room <= 0 or self._draining or not self._flowing.is_set():
            return
        claim = hosts.Claim(
            limit=room,
            max_rank=self._plan.max_rank,
            owner=self._plan.owner,
            token=self._token,
            seconds=settings.HOST_LEASE_SECONDS,
        )
        asked_at = time.monotonic()
        leased, runs = await self._loop.database(lambda: self._lease(claim))
        if leased and not self._lines:
            self._leased_until = asked_at + settings.HOST_LEASE_SECONDS
        for host in leased:
            line = HostLine(host, taken_over=host.lease_until)
            line.join(runs.get(host.pk, []))
            self._lines[host.pk] = line
            self._slots[host.pk] = set()
            self._open_slots(line)

    def _lease(self, claim: hosts.Claim) -> tuple[list[Host], dict[int, list[RunContext]]]:
        leased = hosts.lease(claim, db_now())
        return leased, self._contexts.of_hosts([host.pk for host in leased]) if leased else {}

    async def _keep_leases(self) -> None:
        """Renew every third of the lease; hosts that are no longer ours are dropped at once."""
        while True:
            await asyncio.sleep(settings.HOST_LEASE_SECONDS / 3)
            times = {pk: line.next_request_at() for pk, line in self._lines.items()}
            asked_at = time.monotonic()
            with suppress(DatabaseError):
                mine = await self._loop.database(lambda times=times: self._renew(times))  # type: ignore[misc]
                self._leased_until = asked_at + settings.HOST_LEASE_SECONDS
                for pk in times.keys() - mine:
                    if pk in self._lines:
                        self._lines[pk].closing = True
                        self._lines[pk].wake()

    def _renew(self, times: dict[int, datetime | None]) -> set[int]:
        until = db_now() + timedelta(seconds=settings.HOST_LEASE_SECONDS)
        return hosts.renew(self._token, times, until)

    async def _release_ended(self) -> None:
        """Give back the hosts whose slots have all ended and whose pages are all handed over."""
        ended = [pk for pk, line in self._lines.items() if not self._slots[pk] and not self._unsent(line)]
        if ended:
            await self._release(ended)

    def _unsent(self, line: HostLine) -> bool:
        """Pages fetched and not handed over: a lease given back now would have them fetched twice."""
        return len(line.in_hand) > len(line.window)

    async def _release(self, pks: Sequence[int]) -> None:
        states = []
        for pk in pks:
            line = self._lines.pop(pk)
            del self._slots[pk]
            line.host.next_request_at = line.next_request_at()
            states.append(line.host)
        if states:
            await self._loop.database(lambda: hosts.release(self._token, states, db_now()))

    def _close_idle(self) -> None:
        """End the lines that had nothing due for a while; look once more, in case a hint was lost."""
        now = time.monotonic()
        for line in self._lines.values():
            if not line.dry or line.under_way or self._unsent(line):
                line.idle_since = now
            elif now - line.idle_since > settings.SESSION_IDLE_SECONDS:
                line.closing = True
                line.wake()
            elif now - line.idle_since > settings.SESSION_IDLE_SECONDS / 2 and not line.looked_again:
                line.looked_again = True
                line.wake()

    # hints and back-pressure --------------------------------------------------------------------------

    def _heard(self, wake: wakes.Wake) -> None:
        unknown = False
        for host_id in wake.hosts:
            line = self._lines.get(host_id)
            if line is None:
                unknown = True
            else:
                if line.window and wake.lane * 10 + 9 < line.window[0].rank:
                    line.put_back()
                line.wake()
                self._open_slots(line)
        self._claim_now = self._claim_now or (unknown and wake.lane * 10 <= self._plan.max_rank)

    async def _watch_pressure(self) -> None:
        """Stop asking for pages while parse and store are far behind: the frontier keeps better."""
        if self._plan.lane == Lane.URGENT:
            return
        waiting = await self._loop.database(window.open_batches)
        if waiting > settings.MAX_OPEN_BATCHES:
            self._flowing.clear()
        elif waiting <= settings.MAX_OPEN_BATCHES // 2:
            self._flowing.set()

    # one host -----------------------------------------------------------------------------------------

    def _open_slots(self, line: HostLine) -> None:
        slots = self._slots[line.host.pk]
        while len(slots) < line.connections and not self._draining and not line.closing:
            task = asyncio.create_task(self._slot(line))
            slots.add(task)
            task.add_done_callback(slots.discard)

    async def _slot(self, line: HostLine) -> None:
        """One connection to one host: wait for the turn, take the best visit, fetch it, again."""
        ready_at = 0.0
        try:
            while await self._turn(line, ready_at):
                due = await self._next(line)
                if due is None:
                    return
                if await self._visit(line, due):
                    ready_at = time.time() + line.delay
        except DatabaseError:
            log.warning("the database went away while serving %s", line.host.origin, exc_info=True)
            self._ends = 0.0
        except Exception:  # noqa: BLE001  one host's trouble must not stop the others
            log.exception("a slot of %s failed", line.host.origin)
            line.closing = True

    async def _turn(self, line: HostLine, ready_at: float) -> bool:
        """Wait until the host may be asked again; False when that is after the session's end."""
        await self._flowing.wait()
        wait = max(ready_at, line.not_before) - time.time()
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
        while not self._draining and not line.closing and time.monotonic() < self._leased_until:
            if line.window:
                return line.window.popleft()
            if line.dry:
                await line.changed()
            else:
                await self._refill(line)
        return None

    async def _refill(self, line: HostLine) -> None:
        async with line.refilling:
            if line.window or line.dry:
                return
            visits, versions, runs = await self._loop.database(lambda: self._load(line))
            if runs:
                line.join(runs)
                self._open_slots(line)
            line.fill(visits, versions)

    def _load(self, line: HostLine) -> tuple[list[Due], dict[int, LastVersion], list[RunContext]]:
        visits = window.due_visits(
            line.host.pk,
            limit=line.window_size,
            max_rank=self._plan.max_rank,
            in_hand=set(line.in_hand),
            now=db_now(),
        )
        versions = self._contexts.last_versions(visits)
        new_runs = {due.run_id for due in visits if not line.knows(due.run_id)}
        return visits, versions, [self._contexts[run_id] for run_id in new_runs]

    async def _visit(self, line: HostLine, due: Due) -> bool:
        """Carry out one visit; False when no request was made (robots.txt refused), so no delay is due."""
        context = self._contexts[due.run_id]
        last = line.versions.pop(due.id, None)
        line.under_way += 1
        try:
            refusal = await robots_refusal(self._loop, line, context, due.url)
            if refusal is not None:
                self._groups.add(line, due, refusal, None)
                return False
            async with self._requests:
                result = await self._loop.fetcher.fetch(context.request(due, last))
        finally:
            line.under_way -= 1
        line.learn(result, time.time())
        self._groups.add(line, due, _checked(result, last), last)
        self._summary.fetched += 1
        return True

    # handing over -------------------------------------------------------------------------------------

    async def _deliver(self, group: Group) -> None:
        """Write the group's objects, make it a batch, publish it. Given up when the leases have ended."""
        folder = archive.new_folder(datetime.now(UTC))
        while True:
            try:
                await self._loop.database(lambda: self._hand_over(folder, group))
                break
            except (DatabaseError, OSError):
                log.warning("cannot hand over %d pages", len(group.fetched), exc_info=True)
                if time.monotonic() > self._leased_until:
                    return
                await asyncio.sleep(1)
        self._summary.groups += 1
        for line, visit_id in group.hands:
            line.in_hand.discard(visit_id)

    def _hand_over(self, folder: str, group: Group) -> None:
        segment = group.segment.bytes()
        archive.write_object(folder, archive.SEGMENT, segment)
        archive.write_object(folder, archive.FETCHED, archive.dump(group.fetched))
        batch = window.hand_over(
            HandOver(
                folder=folder,
                rank=group.rank,
                segment_bytes=len(segment),
                visit_ids=[record.visit_id for record in group.fetched],
                due_in=settings.BATCH_DUE_SECONDS,
            ),
            db_now(),
        )
        if batch is not None:
            self._plan.publish(batch)


def _checked(result: FetchResult, last: LastVersion | None) -> FetchResult:
    """A 304 that answers no condition of ours is no answer."""
    if result.status == 304 and last is None:
        return FetchResult(
            url=result.url,
            status=304,
            reason=Reason.BAD_RESPONSE,
            headers=result.headers,
            elapsed=result.elapsed,
            started_at=result.started_at,
            detail="304 Not Modified, though the request had no condition",
        )
    return result
