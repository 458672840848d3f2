"""``python -m benchmarks NAME``: run a bench, print its table, write its JSON."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.browse import bench as browse
from benchmarks.change import bench as change
from benchmarks.chaos import bench as chaos
from benchmarks.crawls import memory, politeness, throughput
from benchmarks.export import bench as export
from benchmarks.extract import bench as extract
from benchmarks.fleet import scaling, seeds, tarpits
from benchmarks.forecast import bench as forecast
from benchmarks.frontier import bench as frontier
from benchmarks.kit import options
from benchmarks.kit.measured_command import BenchError
from benchmarks.processes import idle, startup
from benchmarks.reextract import bench as reextract
from benchmarks.schedules import bench as schedules
from benchmarks.search import bench as search
from benchmarks.urgent import bench as urgent

BENCHES = {
    "throughput": throughput.bench,
    "politeness": politeness.bench,
    "frontier": frontier.bench,
    "seeds": seeds.bench,
    "tarpits": tarpits.bench,
    "schedules": schedules.bench,
    "scaling": scaling.bench,
    "memory": memory.bench,
    "urgent": urgent.bench,
    "startup": startup.bench,
    "idle": idle.bench,
    "chaos": chaos.bench,
    "change": change.bench,
    "browse": browse.bench,
    "export": export.bench,
    "extract": extract.bench,
    "forecast": forecast.bench,
    "reextract": reextract.bench,
    "search": search.bench,
}


def main() -> int:
    """0 when the bench ran, whatever its figures; 1 when it could not run."""
    chosen = options.parse(sys.argv[1:])
    scratch = Path(tempfile.mkdtemp(prefix="cb-bench-"))  # short, because it holds unix sockets
    try:
        report = BENCHES[chosen.name](chosen, scratch)
    except BenchError as error:
        print(f"crawlbeat bench {chosen.name}: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    file = chosen.json or chosen.data / "bench" / f"{chosen.name}.json"
    report.save(file)
    print(report.table())
    print(f"\nAll figures are in {file}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
