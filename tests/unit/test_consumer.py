"""A worker that cannot go on ends, whatever its pool waits for."""

from __future__ import annotations

import os
import threading

import pytest
from celery.exceptions import WorkerShutdown
from celery.worker import consumer as celerys

from scheduler.process import consumer


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda status: ended.set())
    monkeypatch.setattr(consumer, "LAST_SECONDS", 0.01)
    return ended


def start(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(self: object) -> None:
        raise error

    monkeypatch.setattr(celerys.Consumer, "start", fail)
    with pytest.raises(type(error)):
        consumer.Consumer.__new__(consumer.Consumer).start()


def test_a_worker_that_cannot_go_on_ends_even_if_its_pool_does_not(monkeypatch, ended):
    start(monkeypatch, ValueError("invalid load key"))
    assert ended.wait(5)


def test_a_worker_that_is_told_to_stop_takes_its_time(monkeypatch, ended):
    start(monkeypatch, WorkerShutdown(0))
    assert not ended.wait(0.1)
