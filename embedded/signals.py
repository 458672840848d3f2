"""Signals are counted and waited for: they never interrupt work in the middle."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType, TracebackType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """While entered, SIGINT, SIGTERM and SIGHUP are counted, and :meth:`wait` ends early on them.

    The end of a child (SIGCHLD) ends a wait too. For the main thread only.
    """

    def __init__(self) -> None:
        self.stops = 0  # how many signals asked us to stop

    def __enter__(self) -> Signals:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._old_descriptor = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        handled = [number for number in STOPPING if signal.getsignal(number) != signal.SIG_IGN]  # nohup
        self._old = {number: signal.signal(number, self._note) for number in (*handled, signal.SIGCHLD)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._old_descriptor)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self.stops += 1

    def wait(self, seconds: float) -> None:
        """Sleep until a signal arrives, for ``seconds`` at most."""
        ready, _, _ = select.select([self._reader], [], [], max(0.0, seconds))
        if ready:
            os.read(self._reader, 4096)
