"""Has the work of a ``crawl`` done: by the running keeper of the data folder, or else by this process.

This process then runs the workers and sweeps in place of beat. So it imports the scheduler, as other modules
here do that run its processes; what people ask for goes through the desk.
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
from embedded.keeper import Keeper, give_back_work, in_use, servers
from embedded.signals import Signals
from scheduler.sweeps import sweep

SWEEP_EVERY = 3.0  # seconds between two sweeps, which beat asks for in an ``up``
CHECK_EVERY = 1.0  # seconds between checks whether the folder's keeper still lives
READY_SECONDS = 60.0


class WorkLoop:
    """Makes sure that workers run while it is entered; starts its own when the keeper ends."""

    def __init__(self, folder: DataFolder, signals: Signals) -> None:
        self.folder = folder
        self.signals = signals
        self._keeper: Keeper | None = None
        self._check_at = 0.0
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
            self._keeper.stop()

    def wait(self, seconds: float) -> None:
        """Sleep for ``seconds`` at most, and keep the work going."""
        now = time.monotonic()
        if self._keeper is not None:
            self._keeper.wait(seconds)
            if now >= self._sweep_at:
                self._sweep_at = now + SWEEP_EVERY
                sweep(timezone.now())
            return
        self.signals.wait(seconds)
        if now >= self._check_at:
            self._check_at = now + CHECK_EVERY
            self._take_over()

    def _take_over(self) -> bool:
        """Start the services if no other process keeps the folder."""
        keeper = Keeper(self.folder, "crawl", self.signals, _problem)
        if not keeper.take_folder():
            return False
        self._keeper = keeper
        with ExitStack() as on_failure:
            on_failure.callback(keeper.stop)
            keeper.prepare()
            keeper.start(services.crawl_workers(give_back_work))
            on_failure.pop_all()
        return True

    def _keeper_is_ready(self) -> bool:
        """Whether the folder's keeper is ready. It must use the same servers as this process."""
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
