"""Groups of fetched pages: each of one lane, none waits longer than its lane lingers, none is left over."""

from __future__ import annotations

import asyncio

import pytest

from crawler.lanes import Lane
from pipelines.fetch import groups
from pipelines.fetch.groups import LINGER, Answer, Group, Groups
from pipelines.fetch.host_window import HostWindow
from tests.harness.fake_time import now, on_fake_time, turns
from tests.unit.fetch.parts import BULK, NORMAL, URGENT, answer, make_due

PAGES = 4


@pytest.fixture(autouse=True)
def _small(settings) -> None:
    settings.BATCH_PAGES = PAGES


class Deliveries:
    """Where groups go: what arrived, when, and how long each takes."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.groups: list[Group] = []
        self.times: list[float] = []

    async def deliver(self, group: Group) -> None:
        self.groups.append(group)
        self.times.append(now())
        await asyncio.sleep(self.seconds)
        group.let_go()

    @property
    def ids(self) -> list[list[int]]:
        return [[fetched.visit_id for fetched in group.fetched] for group in self.groups]


def add(to: Groups, *ids: int, rank: int = NORMAL, body: bytes = b"x") -> None:
    """Add visits with a page each."""
    for pk in ids:
        to.add(HostWindow(), make_due(pk, rank), Answer(answer(body=body)))


@on_fake_time
async def test_a_group_leaves_when_it_is_full():
    out = Deliveries()
    add(Groups(out.deliver), *range(1, 2 * PAGES + 2))
    await turns()
    assert out.ids == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert out.times == [0, 0]
    await asyncio.sleep(10)
    assert out.ids[2:] == [[9]]


@on_fake_time
async def test_a_group_of_huge_pages_leaves_early(monkeypatch):
    monkeypatch.setattr(groups, "GROUP_BYTES", 1000)
    out = Deliveries()
    to = Groups(out.deliver)
    add(to, 1, body=b"x" * 999)
    await turns()
    assert not out.groups
    add(to, 2, body=b"x")
    await turns()
    assert out.ids == [[1, 2]]


@pytest.mark.parametrize(("rank", "lane"), [(NORMAL, Lane.NORMAL), (BULK, Lane.BULK)])
@on_fake_time
async def test_a_group_that_does_not_fill_lingers_as_its_lane_does(rank, lane):
    out = Deliveries()
    to = Groups(out.deliver)
    add(to, 1, rank=rank)
    await asyncio.sleep(LINGER[lane] - 0.01)
    add(to, 2, rank=rank)  # does not begin the wait again
    await turns()
    assert not out.groups
    await asyncio.sleep(0.02)
    assert out.ids == [[1, 2]]
    assert out.times == [LINGER[lane]]


@on_fake_time
async def test_urgent_pages_leave_at_once():
    out = Deliveries()
    add(Groups(out.deliver), 1, rank=URGENT)
    await turns()
    assert (out.ids, out.times) == ([[1]], [0])


def test_a_better_lane_lingers_less():
    assert LINGER[Lane.URGENT] == 0 < LINGER[Lane.NORMAL] < LINGER[Lane.BULK]


@on_fake_time
async def test_the_timer_of_a_group_that_left_does_not_send_the_next_one():
    out = Deliveries()
    to = Groups(out.deliver)
    add(to, 1, 2, 3, 4)
    await asyncio.sleep(LINGER[Lane.NORMAL] - 0.1)
    add(to, 5)
    await asyncio.sleep(0.2)
    assert out.ids == [[1, 2, 3, 4]]
    await asyncio.sleep(LINGER[Lane.NORMAL])
    assert out.times == [0, pytest.approx(2 * LINGER[Lane.NORMAL] - 0.1)]


@on_fake_time
async def test_lanes_do_not_mix():
    out = Deliveries()
    to = Groups(out.deliver)
    for number in range(3):
        add(to, 10 + number, rank=BULK)
        add(to, 20 + number, rank=NORMAL)
    await asyncio.sleep(5)
    assert out.ids == [[20, 21, 22], [10, 11, 12]]


@on_fake_time
async def test_a_group_goes_on_with_the_rank_of_its_best_page():
    out = Deliveries()
    to = Groups(out.deliver)
    for pk, rank in enumerate([NORMAL, NORMAL - 3, NORMAL + 4, NORMAL - 1]):
        add(to, pk + 1, rank=rank)
    await turns()
    assert [group.rank for group in out.groups] == [NORMAL - 3]


@on_fake_time
async def test_pages_without_a_body_leave_no_segment_worth_keeping():
    out = Deliveries()
    to = Groups(out.deliver)
    to.add(HostWindow(), make_due(1, URGENT), Answer(answer(404)))
    await turns()
    add(to, 2, rank=URGENT)
    await turns()
    assert [len(group.bodies) for group in out.groups] == [0, 1]


@on_fake_time
async def test_a_visit_is_in_hand_until_its_group_is_handed_over():
    window = HostWindow()
    window.fill([make_due(1, URGENT), make_due(2, URGENT)], {}, 0)
    to = Groups(Deliveries(seconds=3).deliver)
    to.add(window, window.take(), Answer(answer()))
    await asyncio.sleep(2.9)
    assert window.in_hand == {1, 2}
    await asyncio.sleep(0.2)
    assert window.in_hand == {2}


@on_fake_time
async def test_at_the_end_everything_is_sent_at_once_and_waited_for():
    out = Deliveries(seconds=3)
    to = Groups(out.deliver)
    add(to, 1, 2, 3, 4)  # full, under way
    await asyncio.sleep(0.1)
    add(to, 5)
    add(to, 6, rank=BULK)
    handed_over = [now() async for _ in to.drained()]
    assert sorted(out.ids) == [[1, 2, 3, 4], [5], [6]]
    assert out.times == [0, 0.1, 0.1]
    assert handed_over == [3, 3.1]  # hosts can be given back as soon as their own pages are
    assert [ended async for ended in to.drained()] == []
