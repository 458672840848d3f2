"""An order to a process of its own that has Crawlbeat's settings, and the outcome that it writes.

The other side is :mod:`benchmarks.kit.bench_worker`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks.kit.measured_command import Command, Cost
from benchmarks.kit.our_processes import ROLES, run_on
from embedded.datadir import DataFolder

OUTCOME = "outcome.json"  # beside the order
T = TypeVar("T")


def carry_out(
    module: str,
    order: msgspec.Struct,
    kind: type[T],
    *,
    folder: Path,
    database: str,
    variables: Mapping[str, str],
) -> tuple[T, Cost]:
    """Have ``python -m module order.json`` carry an order out in a new folder; its outcome and its cost.

    ``variables`` are added to those that make every setting point into the folder.
    """
    folder.mkdir(parents=True)
    file = folder / "order.json"
    file.write_bytes(msgspec.json.encode(order))
    data = DataFolder(folder / "data")
    installation = {
        "DJANGO_SETTINGS_MODULE": "djsite.settings",
        "CRAWLBEAT_DATA": str(data.path),
        "CRAWLBEAT_REDIS_SOCKET": str(data.socket()),
        "SECRET_KEY": "of-a-bench-" + "x" * 50,
    }
    command = Command([sys.executable, "-m", module, str(file)], folder, {**installation, **variables}, ROLES)
    cost = run_on(database, command)
    return msgspec.json.decode((folder / OUTCOME).read_bytes(), type=kind), cost
