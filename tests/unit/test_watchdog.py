"""When a worker's main loop counts as standing still."""

from __future__ import annotations

import os
import threading
import time

import pytest

from scheduler.process import shutdown, watchdog
from scheduler.process.watchdog import CHECK_EVERY, Loop, Watchdog


@pytest.fixture(autouse=True)
def _limit(settings):
    settings.STALL_SECONDS = 30


def looks(loop: Loop, start: float, seconds: float, *, redis_answers: bool = True) -> bool:
    """Look at it again and again for so long; whether it was ever found to stand still."""
    times = [start + number * CHECK_EVERY for number in range(1, int(seconds / CHECK_EVERY) + 1)]
    found = [loop.stands_still(now, redis_answers=redis_answers) for now in times]
    return any(found)


def test_a_loop_that_does_not_go_round_stands_still_after_its_time():
    assert not looks(Loop(0.0), 0.0, 30)
    assert looks(Loop(0.0), 0.0, 30 + CHECK_EVERY)


def test_a_loop_that_goes_round_does_not():
    start = time.monotonic()
    loop = Loop(start - 29)
    loop.tick()
    assert not looks(loop, start - 29, 58)


def test_a_loop_that_waits_for_redis_is_excused_until_it_is_back():
    loop = Loop(0.0)
    assert not looks(loop, 0.0, 300, redis_answers=False)
    assert not looks(loop, 300.0, 30)
    assert looks(loop, 330.0, CHECK_EVERY)


def test_a_process_that_stood_still_as_a_whole_is_excused():
    loop = Loop(0.0)
    assert not loop.stands_still(100.0, redis_answers=True)
    assert not looks(loop, 100.0, 30)


def test_the_worker_ends(monkeypatch, settings, capfd):
    ended = threading.Event()
    settings.STALL_SECONDS = 0.2
    monkeypatch.setattr(watchdog, "CHECK_EVERY", 0.05)
    monkeypatch.setattr(watchdog, "_redis_answers", lambda: True)
    monkeypatch.setattr(os, "_exit", lambda status: ended.set())
    monkeypatch.setattr(shutdown, "STOPPING", ended)
    dog = Watchdog(Loop(time.monotonic()))
    dog.start()
    assert ended.wait(20)
    dog.join(5)
    assert "test_the_worker_ends" in capfd.readouterr().err  # where every thread was


def test_a_loop_that_rests_is_excused_until_it_ticks():
    loop = Loop(0.0)
    loop.rest()
    assert not looks(loop, 0.0, 300)
    loop.tick()
    assert loop.stands_still(time.monotonic() + 31, redis_answers=True) is False  # a pause of the process
    start = time.monotonic() + 31
    assert looks(loop, start, 31 + CHECK_EVERY)
