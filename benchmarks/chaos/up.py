"""An ``up`` for the faults to work on: it has a small disk, and its children are known by name."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.chaos.site_reader import SiteReader
from embedded.datadir import DataFolder
from scheduler.process.lifeline import die_with_parent
from tests.harness.processes import free_port
from tests.harness.sabotage import POISON
from tests.harness.small_disk import SmallDisk
from tests.harness.waiting import wait_until

MARKER = "deadly-poison"  # a parser that reads it dies
START_SECONDS = 120.0
WORKERS = ("worker-urgent", "worker-fetch", "worker-parse", "worker-store")
CHILDREN = (*WORKERS, "beat", "web", "valkey")


class Up:
    """One ``crawlbeat up``, with the environment of this process and what the disk and the poison need."""

    def __init__(self, folder: Path, disk: SmallDisk) -> None:
        self.data = DataFolder(folder / "data")
        self.disk = disk
        self._log = folder / "up.log"
        self._port = free_port()
        command = [sys.executable, "-P", "-m", "console", "up", "--data", str(self.data.path)]
        command += ["--port", str(self._port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                disk.command(command),
                env=os.environ | disk.environment | {POISON: MARKER},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        wait_until(lambda: "is running at" in self.output() or not self.alive, START_SECONDS, what="up is up")
        if not self.alive:
            raise AssertionError(f"up ended at once:\n{self.output()}")
        disk.seen_by(self._process.pid)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(errors="replace")

    def pid(self, name: str, wait: Callable[[float], None] = time.sleep) -> int:
        """The process id of a living child; waits until it is started again, if it has ended."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            pid = self._children().get(name)
            if pid and Path(f"/proc/{pid}").exists():
                return pid
            wait(0.1)
        raise AssertionError(f"{name} was not started again:\n{self.output()[-2000:]}")

    def _children(self) -> dict[str, int | None]:
        try:
            state = json.loads(self.data.state_file.read_text())
        except (OSError, ValueError):
            return {}
        return {name: child["pid"] for name, child in state.get("children", {}).items()}

    def parsers(self) -> list[int]:
        """The processes in which pages are parsed."""
        parent = self.pid("worker-parse")
        listed = Path(f"/proc/{parent}/task/{parent}/children")
        return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []

    def reader(self) -> SiteReader:
        """The first account of the site, signed in."""
        greeting = re.search(r"is running at (\S+)(?s:.*)(admin) / (\S+)", self.output())
        assert greeting is not None
        return SiteReader(*greeting.groups())

    def answers(self) -> bool:
        """Whether the site answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/health/", timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> int:
        """Stop it as a person does; its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def kill(self) -> None:
        """Kill it, and with it everything that it has started."""
        if self.alive:
            self._process.kill()
            self._process.wait()
