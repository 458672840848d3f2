"""What a ``crawl`` shows while it runs: a bar on a terminal, else a line every few seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

PLAIN_EVERY = 5.0  # seconds between two plain lines


class Counts(NamedTuple):
    """How far a run is."""

    discovered: int
    done: int
    stored: int
    unchanged: int
    failed: int
    rate: float  # visits ended a second
    waiting: str = ""  # what for, when nothing can be done now

    @property
    def text(self) -> str:
        unchanged = f", {self.unchanged:,} unchanged" if self.unchanged else ""
        failed = f", {self.failed:,} failed" if self.failed else ""
        return (
            f"{self.done:,} of {self.discovered:,} done, {self.stored:,} stored{unchanged}{failed}, "
            f"{self.rate:.1f}/s{'; ' if self.waiting else ''}{self.waiting}"
        )


class Display:
    """Shows counts on stderr while entered."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar: Progress | None = None
        if console.is_terminal:
            columns = SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
            self._bar = Progress(*columns, console=console, auto_refresh=False, transient=True)
            self._task = self._bar.add_task("starting", total=None)
        self._next_line = time.monotonic() + PLAIN_EVERY

    def __enter__(self) -> Display:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, counts: Counts) -> None:
        """Bring the display up to date."""
        if self._bar is not None:
            self._bar.update(
                self._task, total=counts.discovered or None, completed=counts.done, description=counts.text
            )
            self._bar.refresh()
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + PLAIN_EVERY
            print(counts.text, file=sys.stderr, flush=True)
