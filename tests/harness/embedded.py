"""The one-command mode under test: ``crawlbeat …`` on a data folder of its own, and what is left of it."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.harness import environment
from tests.harness.processes import Process, free_port
from tests.harness.waiting import wait_until

SERVERS = ("REDIS_URL", "DATABASE_URL", "SECRET_KEY", "CRAWLBEAT_ARCHIVE", "CRAWLBEAT_DATA")
START_SECONDS = 100.0  # of everything, on a busy machine
GREETING = r"(?s)Crawlbeat is running at (\S+).*Ctrl-C stops it\."  # its first line and its last


class Embedded:
    """Runs commands on one data folder and ends what it has started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.started: list[Process] = []
        self.environment = environment.child()
        for name in SERVERS:
            self.environment.pop(name, None)

    def command(self, *words: str) -> list[str]:
        """The command line; the data folder goes by the option."""
        return [sys.executable, "-P", "-m", "console", words[0], "--data", str(self.data), *words[1:]]

    def run(self, *words: str, timeout: float = 100.0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*words),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def shell(self, code: str) -> str:
        """What a piece of Python prints that runs on the data folder's tables."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "console", "manage", "shell", "-v0", "-c", code],
            env={**self.environment, "CRAWLBEAT_DATA": str(self.data)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, statement: str) -> list[Any]:
        """Rows read from the database's file, for what is asked again and again: no process has to start."""
        with contextlib.closing(sqlite3.connect(self.data / "crawlbeat.sqlite3", timeout=20)) as database:
            return database.execute(statement).fetchall()

    def start(self, *words: str) -> Process:
        """Start a command in the background."""
        log = self.folder / f"command-{len(self.started)}.log"
        process = Process(f"crawlbeat {words[0]}", self.command(*words), log, self.environment)
        self.started.append(process)
        return process

    def up(self, command: str = "up", *words: str) -> Process:
        """Start ``up`` (or ``demo``) on a free port and wait for its greeting."""
        process = self.start(command, "--port", str(free_port()), *words)
        process.wait_for_output(GREETING, START_SECONDS)
        return process

    def state(self) -> dict[str, Any]:
        """``up.json``."""
        found: dict[str, Any] = json.loads((self.data / "up.json").read_text())
        return found

    def child(self, name: str) -> int | None:
        """The process id of a child."""
        pid: int | None = self.state()["children"][name]["pid"]
        return pid

    def left(self) -> dict[int, str]:
        """The processes that work on the data folder: id to command line."""
        return processes_of(self.data)

    def end(self) -> None:
        """Kill what is left and see that nothing is."""
        for process in self.started:
            process.kill()
        self.leaves_nothing()

    def leaves_nothing(self) -> None:
        """See that all processes have ended; Python's own helper does so a moment after its parent."""
        wait_until(lambda: not self.left(), 20, what="the processes of the data folder end")


def address_of(process: Process) -> str:
    """Where the site of an ``up`` is."""
    found = re.search(GREETING, process.output())
    assert found is not None
    return found.group(1)


def processes_of(data: Path) -> dict[int, str]:
    """Every live process (not a zombie) whose environment or command line names a data folder."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            variables = (folder / "environ").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and (
                f"CRAWLBEAT_DATA={data}".encode() in variables or str(data).encode() in words
            ):
                found[int(folder.name)] = b" ".join(words).decode(errors="replace")
    return found


def words_of(output: str) -> Sequence[str]:
    """The lines of an output that say something."""
    return [line for line in output.splitlines() if line.strip()]
