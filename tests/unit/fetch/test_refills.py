"""Refills: who waits goes together, urgent lines go at once, and a failure reaches everybody who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from catalog.sql.frontier import Ask
from crawler.lanes import Lane
from pipelines.fetch import refills
from pipelines.fetch.contexts import LastVersion, RunContext
from pipelines.fetch.host_line import HostLine
from pipelines.fetch.refills import AT_ONCE, Loaded, Refills
from pipelines.frontier.window import Due
from tests.factories import NOW
from tests.harness.fake_time import on_fake_time, turns
from tests.unit.fetch.parts import HoldingLoop, make_due, make_version, numbered_host, run_context

MAX_RANK = 29


class Frontier:
    """Stands for the tables: each host has one visit, whose number is the host's, of run 1."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.ranks: list[int] = []
        self.error: Exception | None = None

    def due_visits(self, asks: Sequence[Ask], *, max_rank: int, now: object) -> list[list[Due]]:
        self.asked.append([ask.host_id for ask in asks])
        self.ranks.append(max_rank)
        if self.error is not None:
            raise self.error
        return [[] if ask.host_id in ask.in_hand else [make_due(ask.host_id)] for ask in asks]


class Contexts:
    """Stands for a session's runs and last versions: pages with odd numbers have one."""

    def last_versions(self, visits: Sequence[Due]) -> dict[int, LastVersion]:
        return {due.id: make_version(str(due.id)) for due in visits if due.id % 2}

    def closed(self, visits: Sequence[Due]) -> set[int]:
        return {due.id for due in visits if due.id % 5 == 0}

    def __getitem__(self, run_id: int) -> RunContext:
        return run_context(run_id)


@pytest.fixture
def frontier(monkeypatch: pytest.MonkeyPatch) -> Frontier:
    tables = Frontier()
    monkeypatch.setattr(refills, "window", tables)
    monkeypatch.setattr(refills, "db_now", lambda: NOW)
    return tables


@pytest.fixture
def scene(frontier: Frontier) -> Iterator[SimpleNamespace]:
    """Refills on a database that answers when it is told to."""
    loop, ranks = HoldingLoop(), SimpleNamespace(max=MAX_RANK)
    yield SimpleNamespace(
        loop=loop, ranks=ranks, frontier=frontier, refills=Refills(loop, Contexts(), lambda: ranks.max)
    )


def line_of(number: int) -> HostLine:
    return HostLine(numbered_host(number), 0.0)


def ids(loaded: Loaded) -> list[int]:
    return [due.id for due in loaded.visits]


async def begin(scene: SimpleNamespace, *lines: HostLine) -> list[asyncio.Task[Loaded]]:
    tasks = [asyncio.create_task(scene.refills.load(line)) for line in lines]
    await turns()
    return tasks


async def answer_next(scene: SimpleNamespace, *, urgent: bool = False) -> None:
    """Let the database answer the first open call for an urgent line, or for others."""
    next(call for call in scene.loop.calls if call.urgent == urgent and not call.go.is_set()).go.set()
    await turns()


@on_fake_time
async def test_each_line_gets_its_own_visits_their_versions_and_the_runs_that_it_did_not_know(scene):
    knows = line_of(2)
    knows.pace.join([run_context(1)])
    first, second = await begin(scene, line_of(1), knows)
    await answer_next(scene)
    await answer_next(scene)
    visits, versions, runs, closed = await first
    assert (visits, versions, [run.run_id for run in runs]) == ([make_due(1)], {1: make_version("1")}, [1])
    assert closed == set()
    assert await second == ([make_due(2)], {}, [], set())


@on_fake_time
async def test_those_who_come_during_a_load_go_together_in_the_next(scene):
    tasks = await begin(scene, *map(line_of, range(1, 6)))
    assert len(scene.loop.calls) == 1  # one load at a time
    await answer_next(scene)
    await answer_next(scene)
    assert scene.frontier.asked == [[1], [2, 3, 4, 5]]
    assert [ids(await task) for task in tasks] == [[1], [2], [3], [4], [5]]


@on_fake_time
async def test_a_load_is_of_so_many_lines_and_no_more(scene):
    tasks = await begin(scene, *map(line_of, range(1, AT_ONCE + 4)))
    for _ in range(3):
        await answer_next(scene)
    assert [len(asked) for asked in scene.frontier.asked] == [1, AT_ONCE, 2]
    assert [ids(await task) for task in tasks] == [[number] for number in range(1, AT_ONCE + 4)]


@on_fake_time
async def test_an_urgent_line_goes_at_once_alone_and_before_other_calls(scene):
    urgent = line_of(3)
    urgent.window.make_room_for(Lane.URGENT)
    _, _, last = await begin(scene, line_of(1), line_of(2), urgent)
    assert sorted(call.urgent for call in scene.loop.calls) == [False, True]
    await answer_next(scene, urgent=True)
    assert scene.frontier.asked == [[3]]
    assert ids(await last) == [3]


@on_fake_time
async def test_a_line_that_becomes_urgent_while_it_waits_goes_before_the_others(scene):
    lines = [line_of(number) for number in range(1, AT_ONCE + 3)]
    await begin(scene, *lines)
    lines[-1].window.make_room_for(Lane.URGENT)
    await answer_next(scene)
    await answer_next(scene)
    assert scene.frontier.asked[1][:2] == [AT_ONCE + 2, 2]
    assert AT_ONCE + 1 not in scene.frontier.asked[1]


@on_fake_time
async def test_what_is_in_hand_is_not_loaded_again(scene):
    line = line_of(1)
    line.window.fill([make_due(1)], {}, 0)
    (task,) = await begin(scene, line)
    await answer_next(scene)
    assert ids(await task) == []


@on_fake_time
async def test_each_load_asks_for_the_ranks_that_are_worth_fetching_then(scene):
    await begin(scene, line_of(1), line_of(2))
    scene.ranks.max = 9
    await answer_next(scene)
    await answer_next(scene)
    assert scene.frontier.ranks == [MAX_RANK, 9]


@on_fake_time
async def test_an_error_of_the_database_reaches_everybody_of_its_load_and_the_next_load_works(scene):
    first, second, third = await begin(scene, *map(line_of, (1, 2, 3)))
    await answer_next(scene)
    scene.frontier.error = OperationalError("gone")
    (fourth,) = await begin(scene, line_of(4))  # comes during the load that will fail
    await answer_next(scene)
    for task in (second, third):
        with pytest.raises(OperationalError):
            await task
    scene.frontier.error = None
    await answer_next(scene)
    assert (ids(await first), ids(await fourth)) == ([1], [4])
    (fifth,) = await begin(scene, line_of(5))
    await answer_next(scene)
    assert ids(await fifth) == [5]


@on_fake_time
async def test_an_error_reaches_an_urgent_line_and_nobody_else(scene):
    urgent = line_of(2)
    urgent.window.make_room_for(Lane.URGENT)
    first, second = await begin(scene, line_of(1), urgent)
    scene.frontier.error = OperationalError("gone")
    await answer_next(scene, urgent=True)
    with pytest.raises(OperationalError):
        await second
    scene.frontier.error = None
    await answer_next(scene)
    assert ids(await first) == [1]


@on_fake_time
async def test_a_slot_that_ends_while_it_waits_does_not_disturb_the_others(scene):
    first, second = await begin(scene, line_of(1), line_of(2))
    await answer_next(scene)
    (third,) = await begin(scene, line_of(3))
    second.cancel()
    await turns()
    await answer_next(scene)
    await answer_next(scene)
    assert (ids(await first), ids(await third)) == ([1], [3])
