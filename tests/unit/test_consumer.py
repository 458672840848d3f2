"""A worker that cannot go on ends, whatever its pool waits for."""

from __future__ import annotations

import os
import threading
from types import SimpleNamespace

import pytest
from celery.bootsteps import Blueprint, StartStopStep
from celery.exceptions import WorkerShutdown
from celery.worker import WorkController
from celery.worker import consumer as celerys

from scheduler.process import consumer


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda status: ended.set())
    monkeypatch.setattr(consumer, "LAST_SECONDS", 0.01)
    return ended


def work_until(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Celery's worker with our consumer as its only step, until the consumer raises ``error``."""

    def fail(self: object) -> None:
        raise error

    monkeypatch.setattr(celerys.Consumer, "start", fail)
    worker = WorkController.__new__(WorkController)
    step = StartStopStep(worker)
    step.obj = consumer.Consumer.__new__(consumer.Consumer)
    step.obj.controller, step.obj.blueprint = worker, SimpleNamespace(stop=lambda consumer: None)
    worker.steps, worker.blueprint = [step], Blueprint()
    worker.start()
    assert worker.blueprint.shutdown_complete.is_set()


def test_a_worker_that_cannot_go_on_ends_even_if_its_pool_does_not(monkeypatch, ended):
    work_until(monkeypatch, ValueError("invalid load key"))
    assert ended.wait(5)


def test_a_worker_that_is_told_to_stop_takes_its_time(monkeypatch, ended):
    work_until(monkeypatch, WorkerShutdown(0))
    assert not ended.wait(0.1)
