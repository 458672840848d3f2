"""Loads the windows of several lines at once: a round trip to the database costs more than its rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from catalog.clock import db_now
from catalog.sql.frontier import Ask
from pipelines.fetch.contexts import Contexts, LastVersion, RunContext
from pipelines.fetch.host_line import HostLine
from pipelines.fetch.loop import FetchLoop
from pipelines.frontier import window
from pipelines.frontier.window import Due

AT_ONCE = 32  # lines; some 50 ms of work


class Loaded(NamedTuple):
    """A line's next visits, the last versions of their pages, and runs that its pace does not know yet.

    ``closed``: the ids of those visits that are not to be asked.
    """

    visits: list[Due]
    versions: dict[int, LastVersion]
    runs: list[RunContext]
    closed: set[int]


_Look = tuple[list[list[Due]], dict[int, LastVersion], set[int]]


class _Waiting(NamedTuple):
    line: HostLine
    answer: asyncio.Future[Loaded]


class Refills:
    """One load at a time for all lines that wait; each urgent line gets a load of its own at once.

    Lines that come while a load is under way share the next one.
    """

    def __init__(self, loop: FetchLoop, contexts: Contexts, max_rank: Callable[[], int]) -> None:
        """``max_rank`` says at each load which ranks are worth fetching."""
        self._loop = loop
        self._contexts = contexts
        self._max_rank = max_rank
        self._waiting: list[_Waiting] = []
        self._loading: asyncio.Task[list[Loaded]] | None = None

    async def load(self, line: HostLine) -> Loaded:
        """The line's next visits. Raises what the database raises."""
        if line.window.urgent:
            (loaded,) = await self._load([line], urgent=True)
            return loaded
        waiting = _Waiting(line, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._loading is None:
            self._load_next()
        return await waiting.answer

    def _load_next(self) -> None:
        """Start a load for the first lines that wait; those that became urgent meanwhile go before others."""
        self._waiting.sort(key=lambda waiting: not waiting.line.window.urgent)
        part, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        self._loading = asyncio.create_task(self._load([waiting.line for waiting in part]))
        self._loading.add_done_callback(partial(self._share, part))

    def _share(self, part: Sequence[_Waiting], load: asyncio.Task[list[Loaded]]) -> None:
        """Give each line of a load its result, or all of them the load's error; then start the next load."""
        self._loading = None
        if load.cancelled():
            return  # with the process's loop, as are the lines that wait
        error = load.exception()
        for number, (_, answer) in enumerate(part):
            if answer.done():
                continue
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(load.result()[number])
        if self._waiting:
            self._load_next()

    async def _load(self, lines: Sequence[HostLine], *, urgent: bool = False) -> list[Loaded]:
        asks, max_rank = [line.ask() for line in lines], self._max_rank()
        look = partial(self._look, asks, max_rank)
        visits_by_line, versions, closed = await self._loop.database(look, urgent=urgent)
        return [
            self._of(line, visits, versions, closed)
            for line, visits in zip(lines, visits_by_line, strict=True)
        ]

    def _look(self, asks: Sequence[Ask], max_rank: int) -> _Look:
        """The best visits of each host asked for, and the last versions of all their pages by visit id."""
        visits_by_host = window.due_visits(asks, max_rank=max_rank, now=db_now())
        all_visits = [due for visits in visits_by_host for due in visits]
        return visits_by_host, self._contexts.last_versions(all_visits), self._contexts.closed(all_visits)

    def _of(
        self, line: HostLine, visits: list[Due], versions: dict[int, LastVersion], closed: set[int]
    ) -> Loaded:
        own = {due.id: versions[due.id] for due in visits if due.id in versions}
        new_runs = {due.run_id for due in visits if not line.pace.knows(due.run_id)}
        runs = [self._contexts[run_id] for run_id in new_runs]
        return Loaded(visits, own, runs, closed.intersection([due.id for due in visits]))
