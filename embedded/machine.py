"""What the machine must have, looked at before anything is started."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from embedded.errors import Trouble

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of version 2, and 1
LEAST = 384 << 20  # bytes, of everything but the parsers; measured, see docs/operations.md
EACH_CORE = 64 << 20  # for its parser


def check_semaphores() -> None:
    """Raise Trouble where processes cannot share semaphores, without which no pool of parsers starts."""
    try:
        multiprocessing.get_context("spawn").Lock()
    except (ImportError, OSError) as error:
        raise Trouble(
            f"processes cannot share semaphores ({error}), which parsing needs: mount a tmpfs on /dev/shm"
        ) from error


def little_memory() -> str | None:
    """A sentence when this process may use less memory than everything needs; None when there is enough."""
    needed = LEAST + (os.cpu_count() or 1) * EACH_CORE
    memory = min(_of_machine(), *(_limit(Path(name)) for name in _LIMITS))
    if memory >= needed:
        return None
    return (
        f"only {memory >> 20:,} MB of memory may be used here; with less than {needed >> 20:,} MB the "
        "system kills processes at work"
    )


def _of_machine() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _limit(file: Path) -> int:
    """The limit of a control group; much more than any machine has where there is none."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # no such group; or "max"
        return 1 << 62
