"""The crawlers that are compared: Crawlbeat on each database, and its peers, all with the same settings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.kit.measured_command import ROOT, BenchError, Command, Cost, run
from benchmarks.kit.our_processes import ROLES, run_on
from benchmarks.kit.site import FIELDS

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Task:
    """What is to be crawled, and how."""

    urls: list[str]
    hosts: list[str]
    connections: int  # to a host
    delay: float = 0.0  # seconds


@dataclass(frozen=True)
class Contender:
    """A crawler: its name, and what runs a task in a folder."""

    name: str
    crawl: Callable[[Task, Path], Cost]


def crawlbeat(database: str) -> Contender:
    """``crawlbeat crawl`` on sqlite or postgres."""
    return Contender(f"crawlbeat {database}", lambda task, folder: _crawlbeat(task, folder, database))


def _crawlbeat(task: Task, folder: Path, database: str) -> Cost:
    return run_on(database, crawl_command(task, folder / "data", folder))


def crawl_command(task: Task, data: Path, folder: Path) -> Command:
    """``crawlbeat crawl`` with a data folder, run in a folder."""
    words = [sys.executable, "-P", "-m", "console", "crawl", "--data", str(data), *task.urls]
    words += ["--allow-network", "127.0.0.0/8", "--delay", f"{task.delay:g}"]
    words += ["--per-host", str(task.connections), "-o", str(folder / "pages.jsonl")]
    words += [word for name, css in FIELDS.items() for word in ("--field", f"{name}={css}")]
    return Command(words, folder, roles=ROLES)


class Peers:
    """The other crawlers, in an environment of their own that is made the first time it is needed."""

    def __init__(self, folder: Path) -> None:
        """``folder``: where that environment is, or will be."""
        self._folder = folder

    def scrapy(self) -> Contender:
        return Contender("scrapy", lambda task, folder: self._run("scrapy_job", task, folder))

    def crawlee(self) -> Contender:
        return Contender("crawlee", lambda task, folder: self._run("crawlee_job", task, folder))

    def install(self) -> None:
        """Make the environment, or update it to ``peers.txt``; raises BenchError when that fails."""
        words = [sys.executable, "-I", str(ROOT / "embedded" / "install.py")]
        words += [str(self._folder), str(HERE / "peers.txt")]
        if subprocess.run(words, stdin=subprocess.DEVNULL).returncode:
            raise BenchError("the peers could not be installed; --peers none leaves them out")

    def versions(self) -> dict[str, str]:
        """The version of each peer."""
        lines = (HERE / "peers.in").read_text().split()
        return {line.partition("==")[0]: line.partition("==")[2] for line in lines}

    def _run(self, script: str, task: Task, folder: Path) -> Cost:
        folder.mkdir(parents=True)
        job: dict[str, Any] = {
            "urls": task.urls,
            "hosts": task.hosts,
            "connections": task.connections,
            "delay": task.delay,
            "fields": FIELDS,
            "output": str(folder / "pages.jsonl"),
        }
        file = folder / "job.json"
        file.write_text(json.dumps(job))
        python = self._folder / "bin" / "python"
        return run(Command([str(python), str(HERE / "peers" / f"{script}.py"), str(file)], folder))
