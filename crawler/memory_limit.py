"""A bound on the memory of a process: beyond it, Python raises MemoryError, and nobody else runs short."""

from __future__ import annotations

import resource

PARSER_BYTES = 2 << 30  # of data, of a process that parses; pages of 10 MB take some 200 MB


def limit_memory(size: int) -> None:
    """Limit this process's data to ``size`` bytes, or to less if it has a lower limit already."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
