"""What something costs that asks the database: as a person waits, and in CPU."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from django.db import connection

T = TypeVar("T")


class Cost(NamedTuple):
    """Milliseconds: as a person waits, and of CPU, that of the database connection too."""

    wall: float
    cpu: float


def measured(action: Callable[[], T]) -> tuple[Cost, T]:
    """The cost of an action, and what it returns."""
    cpu, began = _cpu_seconds(), time.perf_counter()
    result = action()
    return Cost((time.perf_counter() - began) * 1000, (_cpu_seconds() - cpu) * 1000), result


def _cpu_seconds() -> float:
    """Of this process, and of that of PostgreSQL which works for it."""
    own = time.process_time()
    if connection.vendor != "postgresql":
        return own
    connection.ensure_connection()
    statistics = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    return own + int(statistics.split()[0]) / 1e9
