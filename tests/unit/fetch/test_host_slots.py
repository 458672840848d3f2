"""The slots of a host: a slot that follows another keeps the delay since the other's request."""

from __future__ import annotations

import asyncio

from pipelines.fetch.host_slots import HostSlots
from tests.harness.fake_time import on_fake_time, turns


async def opened(number: int) -> tuple[HostSlots, asyncio.Event]:
    """So many slots at work until the event."""
    slots, end = HostSlots(), asyncio.Event()

    async def work() -> None:
        await end.wait()

    for _ in range(number):
        slots.open(work())
    return slots, end


@on_fake_time
async def test_a_slot_counts_until_its_task_has_ended():
    slots, end = await opened(2)
    assert len(slots.tasks) == 2
    end.set()
    await turns()
    assert not slots.tasks


@on_fake_time
async def test_a_slot_that_fails_counts_no_longer():
    slots = HostSlots()

    async def fail() -> None:
        raise ValueError

    slot = slots.open(fail())
    await turns()
    assert not slots.tasks
    assert isinstance(slot.exception(), ValueError)


def test_a_first_slot_may_ask_at_once():
    assert HostSlots().take_turn() == 0


@on_fake_time
async def test_a_slot_waits_for_the_turn_of_the_one_that_it_follows():
    slots, _ = await opened(1)
    slots.leave(70.0, connections=1)
    assert slots.take_turn() == 70.0
    assert slots.take_turn() == 0  # one turn, one slot


@on_fake_time
async def test_the_earliest_turn_is_taken_first():
    slots, _ = await opened(3)
    for ready_at in (30.0, 10.0, 20.0):
        slots.leave(ready_at, connections=5)
    assert [slots.take_turn() for _ in range(3)] == [10.0, 20.0, 30.0]


@on_fake_time
async def test_no_more_turns_are_kept_than_connections_are_free():
    """Of those the latest: with fewer connections than before, the pause must not become shorter."""
    slots, _ = await opened(2)  # one of them is leaving, the other stays
    for ready_at in (10.0, 30.0, 20.0):
        slots.leave(ready_at, connections=3)
    assert [slots.take_turn() for _ in range(3)] == [20.0, 30.0, 0]


@on_fake_time
async def test_a_slot_too_many_leaves_no_turn():
    slots, _ = await opened(4)
    slots.leave(10.0, connections=2)
    assert slots.take_turn() == 0
