"""Runs a command to its end and measures the cost of all processes that it started.

The command runs below ``python -m benchmarks.kit.measured_command``, which adopts orphans and waits for every
process, so that the kernel's accounts of it are complete.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.kit.cpu import Role, Watch, adopt_orphans, wait_for_all
from scheduler.process.lifeline import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
_OURS = ("CRAWLBEAT_", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_", "CELERY_")


class BenchError(Exception):
    """A bench cannot be run, or a command of it failed; the message says why."""


@dataclass(frozen=True)
class Command:
    """A command line and its variables; ``roles`` are its kinds of processes, as (name, pattern) pairs."""

    words: Sequence[str]
    folder: Path  # where it runs and writes its log
    environment: Mapping[str, str] = field(default_factory=dict)
    roles: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of wall clock, seconds of CPU of all its processes, and those by kind."""

    wall: float
    cpu: float
    roles: Mapping[str, Role]
    sizes: Sequence[tuple[float, Mapping[str, int]]] = ()


def run(command: Command) -> Cost:
    """Run a command; raises BenchError with the end of its output when it fails."""
    command.folder.mkdir(parents=True, exist_ok=True)
    result, log = command.folder / "cost.json", command.folder / "command.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(result), str(command.folder), *command.words],
            cwd=ROOT,
            env=clean_environment() | dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,
        )
        with Watch(process.pid, command.roles) as watch:
            status = process.wait()
    if status:
        raise BenchError(f"{' '.join(command.words[:4])} … ended with {status}:\n{_end_of(log)}")
    wall, cpu = json.loads(result.read_text())
    return Cost(wall, cpu, watch.roles, watch.sizes)


def clean_environment() -> dict[str, str]:
    """The caller's variables, without those that would change what is measured."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # in real use, not everything is compiled at each start
    return variables | {"PYTHONPATH": str(ROOT)}


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]


def _main(result: Path, folder: Path, words: Sequence[str]) -> int:
    """Run the command as a child, wait until all its descendants have ended, and write what they used."""
    adopt_orphans()
    began = time.monotonic()
    status = subprocess.Popen(words, cwd=folder, preexec_fn=die_with_parent).wait()
    wall = time.monotonic() - began
    wait_for_all()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    result.write_text(json.dumps([wall, used.ru_utime + used.ru_stime]))
    return status


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
