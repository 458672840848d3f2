"""What an ``up`` costs that waits for the slots of its seeds: its processor time and its memory.

The memory is the PSS: a page that several processes share counts for each with its part.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.kit.cpu import tree_cpu, tree_pss
from benchmarks.kit.measured_command import ROOT, BenchError, clean_environment
from benchmarks.kit.report import Report, spread
from scheduler.process.lifeline import die_with_parent
from tests.harness.processes import free_port

SEEDS, SETTLE, SECONDS = 1_000, 45.0, 120.0
QUICK = (10, 1.0, 3.0)
CPU, MEMORY = 0.02, 313  # goals: of a core, and in MB; half of what release 0.1 took
MB = 2**20
START_SECONDS = 100.0
GREETING = "Ctrl-C stops it."
MAKE_SEEDS = """
from datetime import timedelta
from django.utils import timezone
from catalog.models import Seed
slot = timezone.now().replace(microsecond=0) + timedelta(minutes=30)
Seed.objects.bulk_create(
    Seed(name=f"{at}", start_urls=f"http://host-{at}.example.org/", interval_seconds=3600, next_slot=slot)
    for at in range(SEEDS)
)
"""


def bench(options: argparse.Namespace, scratch: Path) -> Report:
    """Run the bench."""
    seeds, settle, seconds = QUICK if options.quick else (SEEDS, SETTLE, SECONDS)
    rounds = options.rounds or 1
    report = Report("idle", {"hourly seeds": seeds, "seconds": seconds, "rounds": rounds})
    cores, sizes = [], []
    for number in range(rounds):
        folder = scratch / str(number)
        folder.mkdir()
        with up(folder, folder / "data") as process:
            _make_seeds(scratch / str(number), seeds)
            time.sleep(settle)
            before = tree_cpu(process.pid)
            time.sleep(seconds)
            cores.append((tree_cpu(process.pid) - before) / seconds)
            sizes.append(tree_pss(process.pid) / MB)
    report.add("of a core", spread(cores, ".2%"), f"under {CPU:.0%}", max(cores) < CPU)
    report.add("memory (PSS), MB", spread(sizes, ".0f"), f"under {MEMORY}", max(sizes) < MEMORY)
    report.raw["rounds"] = [{"cores": core, "pss": size} for core, size in zip(cores, sizes, strict=True)]
    return report


@contextlib.contextmanager
def up(
    folder: Path, data: Path, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """An ``up`` on a data folder that has greeted, until it is left; its log is in ``folder``."""
    log = folder / "up.log"
    words = ["up", "--data", str(data), "--port", str(free_port())]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "console", *words],
            env=clean_environment() | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,
        )
    try:
        _await_greeting(process, log)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _await_greeting(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while GREETING not in log.read_text():
        if process.poll() is not None or time.monotonic() > end:
            raise BenchError(f"up does not start:\n{log.read_text()}")
        time.sleep(0.1)


def _make_seeds(folder: Path, count: int) -> None:
    command = [sys.executable, "-P", "-m", "console", "manage", "shell", "-v0", "-c"]
    variables = clean_environment() | {"CRAWLBEAT_DATA": str(folder / "data")}
    subprocess.run([*command, MAKE_SEEDS.replace("SEEDS", str(count))], cwd=ROOT, env=variables, check=True)
