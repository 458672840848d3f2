"""Who does the work of a ``crawl``: the running keeper of the data folder, or else this process.

This process then runs the workers and stands in for beat: it sweeps. So it imports the scheduler, as do other
modules here that run its processes; what people ask for goes through the desk.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from types import TracebackType

from django.utils import timezone

from embedded import services
from embedded.datadir import DataFolder
from embedded.errors import Interrupted, Trouble
from embedded.keeper import Keeper, bury, in_use, servers
from embedded.signals import Signals
from scheduler.sweeps import sweep

SWEEP_EVERY = 3.0  # seconds between two sweeps, which beat asks for otherwise
LOOK_EVERY = 1.0  # seconds between looks whether the folder's keeper still lives
READY_SECONDS = 60.0


class WorkLoop:
    """Sees to it that somebody works while it is entered; takes over when the keeper goes away."""

    def __init__(self, folder: DataFolder, signals: Signals) -> None:
        self.folder = folder
        self.signals = signals
        self._keeper: Keeper | None = None
        self._look_at = 0.0
        self._sweep_at = 0.0

    def __enter__(self) -> WorkLoop:
        end = time.monotonic() + READY_SECONDS
        while not self._take_over() and not self._keeper_is_ready():
            if self.signals.stops:
                raise Interrupted
            if time.monotonic() > end:
                raise Trouble(in_use(self.folder))
            self.signals.wait(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.end()

    def wait(self, seconds: float) -> None:
        """Sleep so long at most, and keep the work going."""
        now = time.monotonic()
        if self._keeper is not None:
            self._keeper.wait(seconds)
            if now >= self._sweep_at:
                self._sweep_at = now + SWEEP_EVERY
                sweep(timezone.now())
            return
        self.signals.wait(seconds)
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self._take_over()

    def _take_over(self) -> bool:
        """Start the services if nobody keeps the folder."""
        keeper = Keeper(self.folder, "crawl", self.signals, _problem)
        if not keeper.begin():
            return False
        self._keeper = keeper
        with ExitStack() as on_failure:
            on_failure.callback(keeper.end)
            keeper.prepare()
            keeper.start(services.crawl_workers(bury))
            on_failure.pop_all()
        return True

    def _keeper_is_ready(self) -> bool:
        """Whether the folder's keeper has begun to work; it must use the same servers as we."""
        state = self.folder.keeper() or {}
        if not state.get("ready"):
            return False
        if state["servers"] != servers():
            raise Trouble(
                f"process {state['pid']} keeps the data folder with other servers; set DATABASE_URL and "
                "REDIS_URL as it has them, or name another folder with --data"
            )
        return True


def _problem(line: str) -> None:
    print(f"crawlbeat crawl: {line}", file=sys.stderr, flush=True)
