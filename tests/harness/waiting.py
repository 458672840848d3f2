"""Waiting for a condition instead of sleeping for a time.

How long is too long depends on who else wants the cores. ``crawlbeat test`` runs several sessions at the same
time and asks them for patience: ``CRAWLBEAT_TEST_PATIENCE`` is a factor for every wait, and for pytest's own
limit of each test. What never comes is found all the same, only later.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = float(os.environ.get("CRAWLBEAT_TEST_PATIENCE") or 1)


def wait_until(
    condition: Callable[[], T], timeout: float = 30.0, *, what: str = "", every: float = 0.05
) -> T:
    """Ask ``condition`` until its answer is true, and return that answer.

    After ``timeout`` seconds (times the patience) the test fails, naming ``what`` was awaited and the last
    answer.
    """
    timeout *= PATIENCE
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what or condition!r}; last answer {answer!r}")
        time.sleep(every)
