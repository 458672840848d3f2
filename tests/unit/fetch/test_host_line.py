"""A leased host inside a session: when it closes, what keeps it open, and when it may be given back."""

from __future__ import annotations

import asyncio

import pytest

from crawler.lanes import Lane
from crawler.rules.breaker import BREAKER_THRESHOLD
from pipelines.fetch.host_line import HostLine
from tests.factories import NOW
from tests.harness.fake_time import on_fake_time, turns
from tests.unit.fetch.parts import answer, make_due, numbered_host, run_context

AT = NOW.timestamp()
PATIENCE = 10.0


def line_of(*ids: int) -> HostLine:
    """A line leased at 100 whose last refill brought these visits."""
    line = HostLine(numbered_host(), now=100)
    line.pace.join([run_context(delay=1)])
    line.fill([make_due(pk) for pk in ids], {}, line.window.hints)
    return line


def refilled(line: HostLine, *ids: int) -> None:
    line.fill([make_due(pk) for pk in ids], {}, line.window.hints)


def test_it_asks_for_as_much_as_its_pace_allows_without_what_is_in_hand():
    line = line_of(7, 8)
    line.window.take()
    assert line.ask() == (1, 3, {7, 8}, ())


def test_a_line_without_work_looks_once_more_and_then_closes():
    line = line_of()
    line.close_if_idle(105, PATIENCE)
    assert line.window.dry
    line.close_if_idle(105.1, PATIENCE)
    assert line.window.wants_visits  # a hint may have been lost
    refilled(line)
    line.close_if_idle(109.9, PATIENCE)
    assert line.window.dry  # it looks once, not again and again
    assert not line.closing
    line.close_if_idle(110.1, PATIENCE)
    assert line.closing


@pytest.fixture
def idle() -> HostLine:
    """A line that has had nothing to do since 100."""
    return line_of()


def test_patience_counts_from_the_last_work(idle):
    refilled(idle, 1)
    idle.close_if_idle(108, PATIENCE)
    idle.window.take()
    idle.window.let_go(1)
    refilled(idle)
    idle.close_if_idle(111, PATIENCE)
    assert not idle.closing
    idle.close_if_idle(118.1, PATIENCE)
    assert idle.closing


def test_after_new_work_the_line_looks_once_more_again(idle):
    idle.close_if_idle(106, PATIENCE)
    refilled(idle, 1)
    idle.close_if_idle(107, PATIENCE)
    idle.window.take()
    idle.window.let_go(1)
    refilled(idle)
    idle.close_if_idle(113, PATIENCE)
    assert idle.window.wants_visits


def test_a_line_is_not_idle_while_a_visit_is_under_way_or_not_handed_over(idle):
    refilled(idle, 1)
    idle.window.take()
    refilled(idle)  # nothing else is due
    idle.close_if_idle(150, PATIENCE)
    idle.close_if_idle(159, PATIENCE)
    assert not idle.closing
    idle.window.let_go(1)
    idle.close_if_idle(170, PATIENCE)
    assert idle.closing


def test_new_work_reopens_a_line_that_closed_for_lack_of_it(idle):
    idle.close_if_idle(111, PATIENCE)
    assert idle.closing
    idle.announce(Lane.NORMAL, 112)
    assert not idle.closing
    refilled(idle)
    idle.close_if_idle(121.9, PATIENCE)
    assert not idle.closing  # its patience begins with the announcement
    refilled(idle)
    idle.close_if_idle(122.1, PATIENCE)
    assert idle.closing


def test_new_work_does_not_reopen_a_line_that_closed_for_another_reason(idle):
    idle.close()
    refilled(idle)  # by a slot that had begun before
    idle.close_if_idle(111, PATIENCE)
    idle.announce(Lane.URGENT, 112)
    assert idle.closing


def test_the_breaker_closes_the_line():
    line = line_of(1)
    for _ in range(BREAKER_THRESHOLD - 1):
        line.learn(answer(None, "timeout"), AT)
    assert not line.closing
    line.learn(answer(None, "timeout"), AT)
    assert line.closing


@on_fake_time
async def test_what_waits_goes_on_when_work_is_announced_and_when_the_line_closes():
    line, woken = line_of(), []

    async def wait(number: int) -> None:
        for _ in range(number):
            await line.changed()
            woken.append(number)

    waiting = [asyncio.create_task(wait(1)), asyncio.create_task(wait(2))]
    await turns()
    assert not woken
    line.announce(Lane.NORMAL, 0)
    await turns()
    assert sorted(woken) == [1, 2]
    line.close()
    await asyncio.gather(*waiting)
    assert sorted(woken) == [1, 2, 2]


def test_urgent_work_goes_before_what_is_loaded():
    line = line_of(1, 2)
    line.announce(Lane.URGENT, 0)
    assert line.window.wants_visits
    assert line.window.urgent


@on_fake_time
async def test_a_host_is_given_back_only_when_nothing_goes_on_and_nothing_is_unsent():
    line, asked, end = line_of(1, 2), asyncio.Event(), asyncio.Event()

    async def serve() -> None:
        await asked.wait()
        line.window.take()
        await end.wait()

    line.connections.open(serve())
    assert not line.ended  # a connection waits for its turn
    asked.set()
    await turns()
    assert not line.ended
    end.set()
    await turns()
    assert not line.ended  # a visit was fetched and is not handed over
    line.window.let_go(1)
    assert line.ended  # the other was never taken: the frontier has it


def test_once_a_section_has_failed_twice_the_line_looks_for_others_first():
    line = line_of(7, 8, 9)
    line.window.take()
    line.learn(answer(500, url="http://1.test/a/1"), AT)
    assert not line.window.wants_visits
    line.learn(answer(500, url="http://1.test/a/2"), AT)
    assert line.window.wants_visits
    assert line.ask() == (1, 3, {7}, ("http://1.test/a/",))


def test_a_line_whose_host_is_given_up_stays_open_for_its_visits_to_end():
    line = HostLine(numbered_host(failures=99), now=100)
    line.learn(answer(500), AT)
    assert line.pace.gave_up
    assert not line.closing
