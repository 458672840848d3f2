"""How many files a process may have open: a connection is one, and the usual limits were made for less."""

from __future__ import annotations

import math
import resource
from contextlib import suppress

OTHER_FILES = 400  # of a process beside its connections to sites: databases, name lookups, logs, the archive


def sockets() -> float:
    """How many connections this process may open; of a low limit, half is left for its other files."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return math.inf if soft == resource.RLIM_INFINITY else soft - min(OTHER_FILES, soft // 2)


def raise_limit(wanted: int) -> None:
    """Let this process open ``wanted`` files, or as many as its hard limit allows (``ulimit -Hn``)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):  # the kernel may allow less than it says (macOS)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
