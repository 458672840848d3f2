"""The bulk insert of visits: one statement whatever the number, the one place where the dialects differ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True)
class VisitColumns:
    """The columns that differ from visit to visit, as parallel lists."""

    fingerprint: Sequence[int]
    host_id: Sequence[int]
    url: Sequence[str]
    found_on: Sequence[int | None]
    depth: Sequence[int]
    hops: Sequence[int]


_INSERT = """
INSERT INTO catalog_visit (run_id, rank, state, due_at, attempts, content_type, location, detail,
                           fingerprint, host_id, url, found_on, depth, hops)
SELECT %s, %s, %s, %s, 0, '', '', '', fingerprint, host_id, url, found_on, depth, hops
FROM {source} WHERE true
ON CONFLICT (run_id, fingerprint) DO NOTHING
RETURNING host_id
"""
_POSTGRESQL = """
unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::smallint[], %s::smallint[])
AS candidate(fingerprint, host_id, url, found_on, depth, hops)
"""
_SQLITE = """
(SELECT value ->> 0 AS fingerprint, value ->> 1 AS host_id, value ->> 2 AS url,
        value ->> 3 AS found_on, value ->> 4 AS depth, value ->> 5 AS hops FROM json_each(%s))
"""


def insert_visits(
    columns: VisitColumns, *, run_id: int, rank: int, state: int, due_at: datetime
) -> list[int]:
    """Insert visits, ignoring URLs that the run has; returns the host id of every row that is new."""
    lists = [
        list(column)
        for column in (
            columns.fingerprint,
            columns.host_id,
            columns.url,
            columns.found_on,
            columns.depth,
            columns.hops,
        )
    ]
    due = connection.ops.adapt_datetimefield_value(due_at)
    constants = [run_id, rank, int(state), due]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_INSERT.format(source=_POSTGRESQL), [*constants, *lists])
        else:
            source = json.dumps(list(zip(*lists, strict=True)))
            cursor.execute(_INSERT.format(source=_SQLITE), [*constants, source])
        return [host_id for (host_id,) in cursor.fetchall()]
