"""The connections of a host: a connection that follows another keeps the delay since the other's request."""

from __future__ import annotations

import asyncio

from pipelines.fetch.host_connections import HostConnections
from tests.harness.fake_time import on_fake_time, turns


async def opened(number: int) -> tuple[HostConnections, asyncio.Event]:
    """So many connections at work until the event."""
    connections, end = HostConnections(), asyncio.Event()

    async def work() -> None:
        await end.wait()

    for _ in range(number):
        connections.open(work())
    return connections, end


@on_fake_time
async def test_a_connection_counts_until_its_task_has_ended():
    connections, end = await opened(2)
    assert len(connections.tasks) == 2
    end.set()
    await turns()
    assert not connections.tasks


@on_fake_time
async def test_a_connection_that_fails_counts_no_longer():
    connections = HostConnections()

    async def fail() -> None:
        raise ValueError

    task = connections.open(fail())
    await turns()
    assert not connections.tasks
    assert isinstance(task.exception(), ValueError)


def test_a_first_connection_may_ask_at_once():
    assert HostConnections().take_turn() == 0


@on_fake_time
async def test_a_connection_waits_for_the_turn_of_the_one_that_it_follows():
    connections, _ = await opened(1)
    connections.leave(70.0, connections=1)
    assert connections.take_turn() == 70.0
    assert connections.take_turn() == 0  # one turn, one connection


@on_fake_time
async def test_the_earliest_turn_is_taken_first():
    connections, _ = await opened(3)
    for ready_at in (30.0, 10.0, 20.0):
        connections.leave(ready_at, connections=5)
    assert [connections.take_turn() for _ in range(3)] == [10.0, 20.0, 30.0]


@on_fake_time
async def test_no_more_turns_are_kept_than_connections_are_free():
    """Of those the latest: with fewer connections than before, the pause must not become shorter."""
    connections, _ = await opened(2)  # one of them is leaving, the other stays
    for ready_at in (10.0, 30.0, 20.0):
        connections.leave(ready_at, connections=3)
    assert [connections.take_turn() for _ in range(3)] == [20.0, 30.0, 0]


@on_fake_time
async def test_a_connection_too_many_leaves_no_turn():
    connections, _ = await opened(4)
    connections.leave(10.0, connections=2)
    assert connections.take_turn() == 0
