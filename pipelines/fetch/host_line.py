"""A leased host inside a session: its pace, window, robots.txt and connections, and when it is given back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from catalog.models import Host
from catalog.sql.frontier import Ask
from crawler.lanes import Lane
from crawler.requests.exchange import FetchResult
from pipelines.fetch.contexts import LastVersion
from pipelines.fetch.host_connections import HostConnections
from pipelines.fetch.host_pace import HostPace
from pipelines.fetch.host_window import HostWindow
from pipelines.fetch.robots import HostRobots
from pipelines.frontier.window import Due


class HostLine:
    """All that a session knows of one host. Connections with nothing to do wait here for a change.

    A line that is closing takes no further visit; its host is given back once the line has ended.
    """

    def __init__(self, host: Host, now: float) -> None:
        """``host`` as it was before it was leased; ``now`` is monotonic time."""
        self.host = host
        self.pace = HostPace(host)
        self.window = HostWindow()
        self.robots = HostRobots(host, self.pace.heed)
        self.connections = HostConnections()
        self.closing = False
        self._closed_idle = False
        self._idle_since = now  # monotonic
        self._looked_again = False
        self._changed = asyncio.Event()

    @property
    def ended(self) -> bool:
        """No connection is at work and no visit is in hand: the host can be given back."""
        return not self.connections.tasks and not self.window.unsent

    def ask(self) -> Ask:
        """What to load for its window."""
        sections = self.pace.breaker.last_sections
        return Ask(self.host.pk, self.pace.window_size, self.window.in_hand, sections)

    def fill(self, visits: Sequence[Due], versions: Mapping[int, LastVersion], hints: int) -> None:
        """:meth:`HostWindow.fill`; a line that got visits may look again the next time it is idle."""
        self.window.fill(visits, versions, hints)
        if not self.window.dry:
            self._looked_again = False

    def learn(self, result: FetchResult, ended: float, *, first_try: bool = True) -> None:
        """:meth:`HostPace.learn`; the line closes when the breaker opens. ``ended``: epoch seconds.

        A line whose host is given up stays open, for all its visits to end.
        """
        last_sections = self.pace.breaker.last_sections
        opened = self.pace.learn(result, ended, first_try=first_try)
        if opened and not self.pace.gave_up:
            self.close()
        elif self.pace.breaker.last_sections != last_sections:
            self.window.give_back()  # others are better now
            self.wake()

    def announce(self, lane: Lane, now: float) -> None:
        """New work of a lane was admitted; a line that closed without work reopens (monotonic time)."""
        self.window.make_room_for(lane)
        if self.closing and self._closed_idle:
            self.closing, self._idle_since = False, now
        self.wake()

    def wake(self) -> None:
        """Let the connections that wait go on: there may be new work, or the line is closing."""
        self.window.look_again()
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def changed(self) -> None:
        """Wait for the next :meth:`wake`."""
        await self._changed.wait()

    def close(self) -> None:
        """Take no further visit: the connections end."""
        self.closing = True
        self.wake()

    def close_if_idle(self, now: float, patience: float) -> None:
        """Close after ``patience`` seconds without due work (``now``: monotonic).

        Half-way the line looks at the frontier once more, in case a hint was lost.
        """
        idle = now - self._idle_since
        if not self.window.dry or self.window.unsent:
            self._idle_since = now
        elif idle > patience:
            self._closed_idle = not self.closing
            self.close()
        elif idle > patience / 2 and not self._looked_again:
            self._looked_again = True
            self.wake()
