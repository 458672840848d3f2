"""An order to a process of its own that has Crawlbeat's settings, and what came of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks.contenders import ROLES, run_on
from benchmarks.job import Cost, Job
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

    ``variables`` are added to those that point every setting into the folder.
    """
    folder.mkdir(parents=True)
    written = folder / "order.json"
    written.write_bytes(msgspec.json.encode(order))
    data = DataFolder(folder / "data")
    own = {
        "DJANGO_SETTINGS_MODULE": "djsite.settings",
        "CRAWLBEAT_DATA": str(data.path),
        "CRAWLBEAT_REDIS_SOCKET": str(data.socket()),
        "SECRET_KEY": "of-a-bench-" + "x" * 50,
    }
    job = Job([sys.executable, "-m", module, str(written)], folder, {**own, **variables}, ROLES)
    cost = run_on(database, job)
    return msgspec.json.decode((folder / OUTCOME).read_bytes(), type=kind), cost
