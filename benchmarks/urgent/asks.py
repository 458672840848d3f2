"""Asks for urgent pages one after the other, at random times, while the bulk crawl goes on."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

from benchmarks.kit.cpu import idle_seconds
from benchmarks.urgent.bench import Ask, Outcome

SHORTEST, LONGEST = 0.1, 3.0  # seconds between two asks; long enough for sessions without work to end


def ask_at_random_times(
    outcome: Outcome, asks: int, ask: Callable[[int], Ask], wait: Callable[[float], object]
) -> None:
    """Ask ``asks`` times, and add the asks and the use of the CPU meanwhile to the outcome."""
    dice = random.Random(2)
    outcome.began, idle = time.monotonic(), idle_seconds()
    for number in range(asks):
        until = time.monotonic() + dice.uniform(SHORTEST, LONGEST)
        while (remaining := until - time.monotonic()) > 0:
            wait(remaining)
        outcome.asks.append(ask(number))
    outcome.ended = time.monotonic()
    idle = idle_seconds() - idle
    outcome.busy = 1 - idle / (outcome.ended - outcome.began) / (os.cpu_count() or 1)
