"""How many files a process may have open: a connection is one, and the usual limits were made for less."""

from __future__ import annotations

import resource
from contextlib import suppress


def raise_limit(wanted: int) -> None:
    """Let this process open ``wanted`` files, or as many as its hard limit allows (``ulimit -Hn``)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):  # the kernel may allow less than it says (macOS)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
