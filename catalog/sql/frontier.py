"""The bulk statements on visits: one for any number of them, in PostgreSQL's and in SQLite's dialect."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection

from catalog.models import Visit
from crawler.outlinks import VisitKind


@dataclass(frozen=True)
class VisitColumns:
    """The columns that differ from visit to visit, as parallel lists."""

    run_id: Sequence[int]
    fingerprint: Sequence[int]
    host_id: Sequence[int]
    url: Sequence[str]
    found_on: Sequence[int | None]
    depth: Sequence[int]
    hops: Sequence[int]
    lastmod: Sequence[float | None]  # epoch seconds


@dataclass(frozen=True)
class SharedColumns:
    """The columns that all visits of one statement have in common."""

    rank: int
    state: int
    kind: VisitKind
    due_at: datetime


_INSERT = """
INSERT INTO catalog_visit (rank, state, kind, due_at, attempts, content_type, location, detail,
                           run_id, fingerprint, host_id, url, found_on, depth, hops, lastmod)
SELECT %s, %s, %s, %s, 0, '', '', '', run_id, fingerprint, host_id, url, found_on, depth, hops, lastmod
FROM {source} WHERE true
ON CONFLICT (run_id, fingerprint) DO NOTHING
RETURNING run_id, host_id
"""
_INSERT_POSTGRESQL = """
unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::smallint[], %s::smallint[],
       %s::timestamptz[])
AS candidate(run_id, fingerprint, host_id, url, found_on, depth, hops, lastmod)
"""
_INSERT_SQLITE = """
(SELECT value ->> 0 AS run_id, value ->> 1 AS fingerprint, value ->> 2 AS host_id, value ->> 3 AS url,
        value ->> 4 AS found_on, value ->> 5 AS depth, value ->> 6 AS hops, value ->> 7 AS lastmod
 FROM json_each(%s))
"""


def insert_visits(columns: VisitColumns, shared: SharedColumns) -> list[tuple[int, int]]:
    """Insert visits, ignoring URLs that their runs have; returns (run id, host id) of every new row."""
    constants = [shared.rank, int(shared.state), int(shared.kind), _adapt(shared.due_at)]
    lists = _lists(
        columns.run_id,
        columns.fingerprint,
        columns.host_id,
        columns.url,
        columns.found_on,
        columns.depth,
        columns.hops,
        [_moment(at) for at in columns.lastmod],
    )
    source = _source(_INSERT_POSTGRESQL, _INSERT_SQLITE)
    return [(run, host) for run, host in _run(_INSERT.format(source=source), [*constants, *lists])]


_NEARER = """
UPDATE catalog_visit SET depth = nearer.depth FROM {source}
WHERE catalog_visit.run_id = nearer.run_id AND catalog_visit.fingerprint = nearer.fingerprint
AND catalog_visit.depth > nearer.depth
RETURNING catalog_visit.run_id, state, id, catalog_visit.depth, snapshot_id, location
"""
_NEARER_POSTGRESQL = """
unnest(%s::bigint[], %s::bigint[], %s::smallint[]) AS nearer(run_id, fingerprint, depth)
"""
_NEARER_SQLITE = """
(SELECT value ->> 0 AS run_id, value ->> 1 AS fingerprint, value ->> 2 AS depth FROM json_each(%s)) AS nearer
"""


def set_nearer(nearer: Sequence[tuple[int, int, int]]) -> list[tuple[Any, ...]]:
    """Lower the depths of visits by (run id, fingerprint, depth), each at most once.

    Returns run id, id, depth, snapshot id and location of those that have ended.
    """
    if not nearer:
        return []
    statement = _NEARER.format(source=_source(_NEARER_POSTGRESQL, _NEARER_SQLITE))
    rows = _run(statement, _lists(*zip(*nearer, strict=True)))
    return [(run_id, *rest) for run_id, state, *rest in rows if state == Visit.State.DONE]


_COUNT = """
INSERT INTO catalog_runhost (run_id, host_id, discovered)
SELECT run_id, host_id, new FROM {source} WHERE true
ON CONFLICT (run_id, host_id) DO UPDATE SET discovered = catalog_runhost.discovered + excluded.discovered
RETURNING host_id
"""
_COUNT_POSTGRESQL = "unnest(%s::bigint[], %s::bigint[], %s::integer[]) AS counted(run_id, host_id, new)"
_COUNT_SQLITE = """
(SELECT value ->> 0 AS run_id, value ->> 1 AS host_id, value ->> 2 AS new FROM json_each(%s))
"""


def count_on_hosts(new: Mapping[tuple[int, int], int]) -> None:
    """Raise the numbers of URLs by (run id, host id); the first joins the host to the run."""
    pairs = sorted(new)
    statement = _COUNT.format(source=_source(_COUNT_POSTGRESQL, _COUNT_SQLITE))
    lists = _lists([run for run, _ in pairs], [host for _, host in pairs], [new[pair] for pair in pairs])
    _run(statement, lists)


_LASTMOD = """
UPDATE catalog_visit SET lastmod = listed.lastmod FROM {source}
WHERE run_id = %s AND catalog_visit.fingerprint = listed.fingerprint AND catalog_visit.lastmod IS NULL
RETURNING page_id, catalog_visit.lastmod
"""
_LASTMOD_POSTGRESQL = "unnest(%s::bigint[], %s::timestamptz[]) AS listed(fingerprint, lastmod)"
_LASTMOD_SQLITE = """
(SELECT value ->> 0 AS fingerprint, value ->> 1 AS lastmod FROM json_each(%s)) AS listed
"""


def set_lastmod(run_id: int, dates: Mapping[int, float]) -> dict[int, Any]:
    """Write the dates of a sitemap (epoch seconds by fingerprint) on visits that have none yet.

    Returns the date, as the database has it, by page id for visits that have stored their page already.
    """
    lists = _lists(list(dates), [_moment(at) for at in dates.values()])
    statement = _LASTMOD.format(source=_source(_LASTMOD_POSTGRESQL, _LASTMOD_SQLITE))
    return {page_id: lastmod for page_id, lastmod in _run(statement, [*lists, run_id]) if page_id is not None}


_READ = """
SELECT texts.run_id, texts.first, texts.last FROM {source}
WHERE EXISTS (SELECT 1 FROM catalog_visit AS visit WHERE visit.run_id = texts.run_id
              AND visit.text_signature BETWEEN texts.first AND texts.last LIMIT 1 OFFSET 0)
"""  # the OFFSET keeps PostgreSQL from a join by run alone, which compares every text with all of its run
_READ_POSTGRESQL = "unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS texts(run_id, first, last)"
_READ_SQLITE = """
(SELECT value ->> 0 AS run_id, value ->> 1 AS first, value ->> 2 AS last FROM json_each(%s)) AS texts
"""


def texts_read(texts: Collection[tuple[int, int, int]]) -> set[tuple[int, int, int]]:
    """Of ranges of texts (run id, first and last signature), those in which the run has read one."""
    if not texts:
        return set()
    statement = _READ.format(source=_source(_READ_POSTGRESQL, _READ_SQLITE))
    rows = _run(statement, _lists(*zip(*texts, strict=True)))
    return {(run_id, first, last) for run_id, first, last in rows}


_DUE = """
SELECT host_id, {columns} FROM ({hosts}) AS due ORDER BY host_id, rank, late, due_at, id
"""
_DUE_ON_HOST = """
SELECT * FROM (
    SELECT host_id, due_at, 0 AS late, {columns} FROM catalog_visit
    WHERE host_id = %s AND state = {queued} AND rank <= %s AND due_at <= %s AND id NOT IN ({in_hand})
    ORDER BY rank, due_at, id LIMIT %s
) AS of_host
"""
_OTHERS_FIRST = """
SELECT * FROM (
    SELECT host_id, due_at, CASE WHEN {in_sections} THEN 1 ELSE 0 END AS late, {columns}
    FROM ({best}) AS best ORDER BY rank, late, due_at, id LIMIT %s
) AS others_first
"""
LOOKED_AT = 5000  # visits of a host, for some that are not of its failing sections


class Ask(NamedTuple):
    """What to load of a leased host: at most ``limit`` of its best visits, without those in hand.

    Of one rank, URLs that begin with one of ``last_sections`` come last.
    """

    host_id: int
    limit: int
    in_hand: Collection[int] = ()
    last_sections: Sequence[str] = ()


def due(asks: Sequence[Ask], columns: Sequence[str], max_rank: int, now: datetime) -> list[tuple[Any, ...]]:
    """The best due visits of some hosts, each with its host's id before the columns."""
    names = ", ".join(columns)
    statements, parameters = [], []
    for ask in asks:
        statement, of_host = _due_on_host(ask, names, max_rank, now)
        statements.append(statement)
        parameters += of_host
    return _run(_DUE.format(columns=names, hosts=" UNION ALL ".join(statements)), parameters)


def _due_on_host(ask: Ask, names: str, max_rank: int, now: datetime) -> tuple[str, list[Any]]:
    """The statement for the best visits of one host, and its parameters."""
    in_hand = ", ".join(map(str, ask.in_hand)) or "0"  # no row has this id
    best = _DUE_ON_HOST.format(columns=names, queued=int(Visit.State.QUEUED), in_hand=in_hand)
    of_host = [ask.host_id, max_rank, _adapt(now)]
    if not ask.last_sections:
        return best, [*of_host, ask.limit]
    sections = [value for section in ask.last_sections for value in (len(section), section)]
    in_sections = " OR ".join(["substr(url, 1, %s) = %s"] * len(ask.last_sections))
    statement = _OTHERS_FIRST.format(in_sections=in_sections, columns=names, best=best)
    return statement, [*sections, *of_host, LOOKED_AT, ask.limit]


def _run(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _lists(*columns: Sequence[Any]) -> list[Any]:
    """Parallel lists as parameters: arrays, or for SQLite all in one JSON."""
    if connection.vendor == "postgresql":
        return [_array(column) for column in columns]
    return [json.dumps(list(zip(*columns, strict=True)))]


def _array(items: Sequence[Any]) -> str:
    """An array as PostgreSQL writes it; the driver takes five times as long."""
    return f"{{{','.join([_element(item) for item in items])}}}"


def _element(item: Any) -> str:
    if item is None:
        return "NULL"
    if isinstance(item, int):
        return str(item)
    text = str(item).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _source(postgresql: str, sqlite: str) -> str:
    return postgresql if connection.vendor == "postgresql" else sqlite


def _moment(at: float | None) -> Any:
    return None if at is None else _adapt(datetime.fromtimestamp(at, UTC))


def _adapt(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
