"""The best due visits of leased hosts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from catalog.sql import frontier
from catalog.sql.frontier import Ask


class Due(NamedTuple):
    """A queued visit that a session has loaded."""

    id: int
    run_id: int
    url: str
    fingerprint: int
    depth: int
    hops: int
    attempts: int
    rank: int
    kind: int  # VisitKind


def due_visits(asks: Sequence[Ask], *, max_rank: int, now: datetime) -> list[list[Due]]:
    """The best due visits of each host asked for. The caller holds the hosts' leases."""
    visits: dict[int, list[Due]] = {ask.host_id: [] for ask in asks}
    for host_id, *due in frontier.due(asks, Due._fields, max_rank, now):
        visits[host_id].append(Due(*due))
    return [visits[ask.host_id] for ask in asks]
