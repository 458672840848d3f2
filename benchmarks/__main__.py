"""``python -m benchmarks NAME``: run a bench, print its table, write its JSON."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks import (
    chaos,
    frontier,
    memory,
    options,
    politeness,
    scaling,
    schedules,
    seeds,
    throughput,
    urgent,
)
from benchmarks.job import BenchError

BENCHES = {
    "throughput": throughput.bench,
    "politeness": politeness.bench,
    "frontier": frontier.bench,
    "seeds": seeds.bench,
    "schedules": schedules.bench,
    "scaling": scaling.bench,
    "memory": memory.bench,
    "urgent": urgent.bench,
    "chaos": chaos.bench,
}


def main() -> int:
    """0 when the bench ran, whatever it found; 1 when it could not."""
    wanted = options.parse(sys.argv[1:])
    scratch = Path(tempfile.mkdtemp(prefix="cb-bench-"))  # short, because it holds unix sockets
    try:
        report = BENCHES[wanted.name](wanted, scratch)
    except BenchError as error:
        print(f"crawlbeat bench {wanted.name}: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    file = wanted.json or wanted.data / "bench" / f"{wanted.name}.json"
    report.save(file)
    print(report.table())
    print(f"\nAll figures are in {file}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
