"""A reader of the feed of changes that is killed all the time: ``python -m benchmarks.chaos.feed_reader F``.

A child process reads on from the cursor of the last whole line of the file and appends what it reads. The
parent kills it at any moment and starts the next one. Whoever takes the lines in their order must have the
whole table in the end.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.kit.measured_command import ROOT
from pipelines.changes import START, Change, Cursor, read_changes
from scheduler.process.lifeline import die_with_parent

LIVES = (0.02, 1.2)  # seconds of a child: from before its first line to some readings
PAUSE = 0.05  # seconds between two readings
KILLS = ".kills"

Thing = tuple[str, str, str, tuple[str, ...]]  # page or record, seed, collection, key


class FeedReader:
    """Reads the feed into a file until :meth:`end`."""

    def __init__(self, file: Path) -> None:
        self.file = file
        command = [sys.executable, "-m", "benchmarks.chaos.feed_reader", str(file)]
        self._process = subprocess.Popen(command, cwd=ROOT, preexec_fn=die_with_parent)

    def end(self) -> int:
        """Stop, and read the rest; how often a reader was killed."""
        self._process.terminate()
        self._process.wait(60)
        read_on(self.file)
        return int(self.file.with_suffix(KILLS).read_text())

    def table(self) -> dict[Thing, dict[str, object]]:
        """What somebody has who took all lines: the values of everything that is not gone."""
        things: dict[Thing, dict[str, object]] = {}
        for change in _whole_lines(self.file):
            thing = (change.of, change.seed, change.collection or "", tuple(change.key))
            if change.kind == "gone":
                things.pop(thing, None)
            else:
                things[thing] = change.values
        return things


def read_on(file: Path) -> None:
    """Append what has changed since the last whole line; a line that was cut off is removed first."""
    lines = _whole_lines(file)
    cursor = Cursor.parse(lines[-1].cursor) if lines else START
    with file.open("ab") as output:
        for change in read_changes(cursor):
            output.write(msgspec.json.encode(change) + b"\n")
            output.flush()


def _whole_lines(file: Path) -> list[Change]:
    data = file.read_bytes() if file.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        os.truncate(file, len(whole))
    return [msgspec.json.decode(line, type=Change) for line in whole.splitlines()]


def _live(file: Path) -> None:
    """Of a child: read until it is killed. It ends when the database is away."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent()
    while True:
        read_on(file)
        time.sleep(PAUSE)


def main(file: Path) -> None:
    """Start children and kill them, until a SIGTERM."""
    ending: list[int] = []
    signal.signal(signal.SIGTERM, lambda signum, frame: ending.append(signum))
    dice, kills = random.Random(0), 0  # noqa: S311
    while not ending:
        child = os.fork()
        if not child:
            with contextlib.suppress(BaseException):
                _live(file)
            os._exit(1)
        time.sleep(dice.uniform(*LIVES))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        kills += os.WIFSIGNALED(status)
        file.with_suffix(KILLS).write_text(str(kills))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
