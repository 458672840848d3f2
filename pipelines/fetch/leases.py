"""The hosts that a session has leased: claiming, renewing, giving back."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from django.conf import settings
from django.db import Error as DatabaseError

from catalog.clock import db_now
from catalog.models import Host
from crawler.lanes import Lane, ranks_of
from pipelines.fetch.contexts import Contexts, RunContext
from pipelines.fetch.host_line import HostLine
from pipelines.fetch.loop import FetchLoop
from pipelines.frontier import batches, hosts

DEATHS = 2  # sessions that must have died in a row while they held a host; one may be chance
OWN_SHARE = 4  # one of so many hosts is for the session's own lane, even if better lanes wait


class Leases:
    """The leased hosts of one session as lines, by host id. ``now`` is monotonic time."""

    def __init__(self, loop: FetchLoop, contexts: Contexts, owner: str, lane: Lane, max_rank: int) -> None:
        self._loop = loop
        self._contexts = contexts
        self._owner = owner
        self._own = ranks_of(lane)
        self._max_rank = max_rank
        self._token = secrets.token_hex(8)
        self._until = 0.0  # monotonic
        self.lines: dict[int, HostLine] = {}
        self.taken_over = 0  # leases of other sessions that had run out

    def valid(self, now: float) -> bool:
        """Whether the leases still hold by our own clock: after a stop of the process they may not."""
        return now < self._until

    async def claim(self, now: float) -> list[HostLine]:
        """Lease what there is room for; returns the new lines."""
        room = settings.SESSION_HOSTS - len(self.lines)
        if room <= 0:
            return []
        claim = hosts.Claim(
            limit=room,
            max_rank=self._max_rank,
            owner=self._owner,
            token=self._token,
            seconds=settings.HOST_LEASE_SECONDS,
            reserved=max(1, settings.SESSION_HOSTS // OWN_SHARE) - self._held_of_own(),
            own=self._own,
        )
        leased, runs = await self._loop.database(lambda: self._lease(claim))
        if leased and not self.lines:
            self._until = now + settings.HOST_LEASE_SECONDS
        return [self._line(host, runs.get(host.pk, ()), now) for host in leased]

    def _held_of_own(self) -> int:
        return sum(line.host.rank in self._own for line in self.lines.values())

    def _lease(self, claim: hosts.Claim) -> tuple[list[Host], dict[int, list[RunContext]]]:
        leased = hosts.lease(claim, db_now())
        return leased, self._contexts.of_hosts([host.pk for host in leased]) if leased else {}

    def _line(self, host: Host, runs: Iterable[RunContext], now: float) -> HostLine:
        self.taken_over += bool(host.lease_token)
        line = HostLine(host, now)
        line.pace.join(runs)
        self.lines[host.pk] = line
        return line

    @asynccontextmanager
    async def blaming(self, host: Host, visit_id: int) -> AsyncIterator[bool]:
        """What is done inside is for one visit; False if it is to be set aside.

        After sessions have died while they held the host, its visits are asked for alone, each named before.
        So if another session dies, it is known on which; no other visit of the process is named then.
        """
        if host.deaths < DEATHS:
            yield True
        elif host.quarantined.count(visit_id) >= batches.STRIKES:
            yield False
        else:
            async with self._loop.alone:
                await self._loop.database(lambda: hosts.suspect(host.pk, visit_id))
                yield True
                await self._loop.database(lambda: hosts.suspect(host.pk, None))

    async def keep(self) -> None:
        """Renew after each third of the lease, for ever. If the database fails, the next time may succeed."""
        while True:
            await asyncio.sleep(settings.HOST_LEASE_SECONDS / 3)
            with suppress(DatabaseError):
                await self.renew(time.monotonic())

    async def renew(self, now: float) -> None:
        """Extend the leases; hosts that are no longer ours are closed at once.

        Raises what the database raises.
        """
        times = {pk: line.pace.next_request_at() for pk, line in self.lines.items()}
        if not times:
            return
        length = timedelta(seconds=settings.HOST_LEASE_SECONDS)
        own = await self._loop.database(lambda: hosts.renew(self._token, times, db_now() + length))
        self._until = now + settings.HOST_LEASE_SECONDS
        for pk in times.keys() - own:
            if pk in self.lines:
                self.lines[pk].close()

    async def release(self, lines: Iterable[HostLine]) -> dict[Lane, set[int]]:
        """Give hosts back, with their next request time and what was learnt of them.

        Returns those with due work, by its lane: no session could lease them until now.
        """
        states = []
        for line in lines:
            del self.lines[line.host.pk]
            line.host.next_request_at = line.pace.next_request_at()
            states.append(line.host)
        if not states:
            return {}
        return await self._loop.database(lambda: hosts.release(self._token, states, db_now()))
