"""Runs a command to its end and says what the whole of it cost, whatever processes it started.

The command runs below ``python -m benchmarks.job``, which adopts orphans and waits for every process, so
that the kernel's own accounts of it are complete.
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

from benchmarks.cpu import Role, Watch, adopt_orphans, wait_for_all
from scheduler.process.lifeline import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
_OURS = ("CRAWLBEAT_", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_", "CELERY_")


class BenchError(Exception):
    """A bench cannot be run, or a job of it failed; the message says why."""


@dataclass(frozen=True)
class Job:
    """A command with its variables; ``roles`` tells its kinds of processes by their command lines."""

    command: Sequence[str]
    folder: Path  # where it runs and logs
    environment: Mapping[str, str] = field(default_factory=dict)
    roles: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Cost:
    """What a job took: seconds of wall clock, seconds of CPU of its whole tree, and that by kind."""

    wall: float
    cpu: float
    roles: Mapping[str, Role]
    sizes: Sequence[tuple[float, Mapping[str, int]]] = ()


def run(job: Job) -> Cost:
    """Run a job; raises BenchError with the end of its output when it fails."""
    job.folder.mkdir(parents=True, exist_ok=True)
    result, log = job.folder / "cost.json", job.folder / "job.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.job", str(result), str(job.folder), *job.command],
            cwd=ROOT,
            env=clean_environment() | dict(job.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,
        )
        with Watch(process.pid, job.roles) as watch:
            status = process.wait()
    if status:
        raise BenchError(f"{' '.join(job.command[:4])} … ended with {status}:\n{_end_of(log)}")
    wall, cpu = json.loads(result.read_text())
    return Cost(wall, cpu, watch.roles, watch.sizes)


def clean_environment() -> dict[str, str]:
    """The caller's variables without those that would change what is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody compiles everything at each start
    return kept | {"PYTHONPATH": str(ROOT)}


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]


def _main(result: Path, folder: Path, command: Sequence[str]) -> int:
    """Below us runs the command, and nothing of it escapes."""
    adopt_orphans()
    began = time.monotonic()
    status = subprocess.Popen(command, cwd=folder, preexec_fn=die_with_parent).wait()
    wall = time.monotonic() - began
    wait_for_all()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    result.write_text(json.dumps([wall, used.ru_utime + used.ru_stime]))
    return status


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
