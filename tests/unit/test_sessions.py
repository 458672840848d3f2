"""How many sessions of a lane a process holds."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from crawler.lanes import Lane
from scheduler.process.sessions import SESSIONS, session_of


def test_only_one_session_of_a_lane_serves():
    with session_of(Lane.NORMAL) as first, session_of(Lane.NORMAL) as second, session_of(Lane.BULK) as other:
        assert first is not None
        assert second is None
        assert other is not None
    with session_of(Lane.NORMAL) as next_one:
        assert next_one is not None


def test_the_next_one_begins_when_the_last_leaves_but_not_without_end():
    with ExitStack() as held:
        for _ in range(SESSIONS):
            leave = held.enter_context(session_of(Lane.NORMAL))
            assert leave is not None
            leave()
            leave()  # once more changes nothing
        with session_of(Lane.NORMAL) as one_too_many:
            assert one_too_many is None
    with session_of(Lane.NORMAL) as after, session_of(Lane.NORMAL) as beside:
        assert after is not None
        assert beside is None


def test_a_session_that_fails_leaves():
    with pytest.raises(LookupError), session_of(Lane.URGENT):
        raise LookupError
    with session_of(Lane.URGENT) as next_one:
        assert next_one is not None
