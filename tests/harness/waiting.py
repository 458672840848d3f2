"""Waiting for a condition instead of sleeping for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T], timeout: float = 30.0, *, what: str = "", every: float = 0.05
) -> T:
    """Ask ``condition`` until its answer is true, and return that answer.

    After ``timeout`` seconds the test fails, naming ``what`` was awaited and the last answer.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what or condition!r}; last answer {answer!r}")
        time.sleep(every)
