"""When a thread counts as stuck."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from scheduler.process import progress


@pytest.fixture(autouse=True)
def _limit(settings):
    settings.STALL_SECONDS = 30


def thread(*, task: str = "", open_on: str = "", in_statement: bool = False) -> progress._Thread:
    """A thread that last got on at 0; ``open_on``: the database on which it has a transaction open."""
    connection = SimpleNamespace(in_atomic_block=bool(open_on), vendor=open_on)
    return progress._Thread("a thread", 0.0, task, connection, in_statement)


@pytest.mark.parametrize(
    ("values", "patience"),
    [
        ({"open_on": "sqlite"}, 30),
        ({"open_on": "sqlite", "task": "store"}, 30),
        ({"open_on": "postgresql", "task": "store"}, 300),
        ({"open_on": "postgresql"}, 300),
        ({"task": "make_export"}, 300),
    ],
)
def test_a_thread_is_stuck_after_its_time(values, patience):
    assert not thread(**values).is_stuck(patience)
    assert thread(**values).is_stuck(patience + 1)


@pytest.mark.parametrize(
    "values",
    [{}, {"in_statement": True, "open_on": "sqlite"}, {"in_statement": True, "task": "prune"}],
)
def test_a_thread_without_work_and_one_in_a_statement_are_never_stuck(values):
    assert not thread(**values).is_stuck(1e9)


def test_time_in_which_the_whole_process_stood_still_is_excused(monkeypatch):
    monkeypatch.setattr(progress, "_threads", {1: thread(open_on="sqlite")})
    assert "a thread" in progress.stuck(40)
    progress.excuse(35)
    assert progress.stuck(40) == ""
