"""Windows of several lines at a time: a trip to the database costs more than what it brings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from catalog.clock import db_now
from catalog.sql.frontier import Ask
from pipelines.fetch.contexts import Contexts, LastVersion, RunContext
from pipelines.fetch.hostline import HostLine
from pipelines.fetch.loop import FetchLoop
from pipelines.frontier import window
from pipelines.frontier.window import Due

AT_ONCE = 32  # lines; some 50 ms of work


class Loaded(NamedTuple):
    """A line's next visits, the last versions of their pages, and the runs that it did not know."""

    visits: list[Due]
    versions: dict[int, LastVersion]
    runs: list[RunContext]


class Refills:
    """Loads for whoever waits: those who came while a load was under way go together, urgent ones at once."""

    def __init__(self, loop: FetchLoop, contexts: Contexts, max_rank: Callable[[], int]) -> None:
        self._loop = loop
        self._contexts = contexts
        self._max_rank = max_rank
        self._waiting: list[tuple[HostLine, asyncio.Future[Loaded]]] = []
        self._loading: asyncio.Task[None] | None = None

    async def load(self, line: HostLine) -> Loaded:
        """The line's next visits. Raises what the database raises."""
        if line.urgent:
            (loaded,) = await self._loop.database(lambda: self._load([line]), urgent=True)
            return loaded
        place: asyncio.Future[Loaded] = asyncio.get_running_loop().create_future()
        self._waiting.append((line, place))
        if self._loading is None:
            self._loading = asyncio.create_task(self._load_all())
        return await place

    async def _load_all(self) -> None:
        while self._waiting:
            self._waiting.sort(key=lambda waiting: not waiting[0].urgent)
            part, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                loaded = await self._load_part([line for line, _ in part])
            except Exception as error:  # noqa: BLE001  it is theirs who wait
                _fail([place for _, place in part], error)
            else:
                for (_, place), theirs in zip(part, loaded, strict=True):
                    if not place.done():
                        place.set_result(theirs)
        self._loading = None

    async def _load_part(self, lines: Sequence[HostLine]) -> list[Loaded]:
        return await self._loop.database(lambda: self._load(lines))

    def _load(self, lines: Sequence[HostLine]) -> list[Loaded]:
        asks = [Ask(line.host.pk, line.window_size, frozenset(line.in_hand)) for line in lines]
        found = window.due_visits(asks, max_rank=self._max_rank(), now=db_now())
        versions = self._contexts.last_versions([due for visits in found for due in visits])
        return [self._of(line, visits, versions) for line, visits in zip(lines, found, strict=True)]

    def _of(self, line: HostLine, visits: list[Due], versions: dict[int, LastVersion]) -> Loaded:
        theirs = {due.id: versions[due.id] for due in visits if due.id in versions}
        new_runs = {due.run_id for due in visits if not line.knows(due.run_id)}
        return Loaded(visits, theirs, [self._contexts[run_id] for run_id in new_runs])


def _fail(places: Sequence[asyncio.Future[Loaded]], error: Exception) -> None:
    for place in places:
        if not place.done():
            place.set_exception(error)
