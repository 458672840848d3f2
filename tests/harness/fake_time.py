"""An asyncio loop whose time jumps to its next timer: tests of waiting take no time and need no sleep."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

P = ParamSpec("P")


class NothingToWaitFor(Exception):
    """Every task waits, and no timer is set: the test would wait for ever."""


class FakeTimeLoop(asyncio.SelectorEventLoop):
    """A loop that begins at 0 seconds. It knows no threads and no network: only timers make time pass."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Selector(self._pass))

    def time(self) -> float:
        """Seconds of the loop's own time."""
        return self._now

    def _pass(self, seconds: float) -> None:
        self._now += seconds


class _Selector(selectors.SelectSelector):
    """Lets time pass where another would wait."""

    def __init__(self, let_pass: Callable[[float], None]) -> None:
        super().__init__()
        self._let_pass = let_pass

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingToWaitFor
        self._let_pass(max(timeout, 0.0))
        return super().select(0)


def on_fake_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test on a :class:`FakeTimeLoop`."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=FakeTimeLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


async def turns(number: int = 10) -> None:
    """Let the other tasks go on as far as they can without waiting for time."""
    for _ in range(number):
        await asyncio.sleep(0)


def now() -> float:
    """The running loop's time."""
    return asyncio.get_running_loop().time()
