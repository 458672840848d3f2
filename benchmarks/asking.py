"""Asking for pages one after the other, at moments that nobody can foresee, while the rest goes on."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

from benchmarks.cpu import idle_seconds
from benchmarks.urgent import Ask, Outcome

SHORTEST, LONGEST = 0.1, 3.0  # seconds between two asks; sessions without work end in between


def asked_over_time(
    outcome: Outcome, asks: int, ask: Callable[[int], Ask], wait: Callable[[float], object]
) -> None:
    """Ask so often, and note what the machine did meanwhile."""
    dice = random.Random(2)
    outcome.began, idle = time.monotonic(), idle_seconds()
    for number in range(asks):
        until = time.monotonic() + dice.uniform(SHORTEST, LONGEST)
        while (left := until - time.monotonic()) > 0:
            wait(left)
        outcome.asks.append(ask(number))
    outcome.ended = time.monotonic()
    used = idle_seconds() - idle
    outcome.busy = 1 - used / (outcome.ended - outcome.began) / (os.cpu_count() or 1)
