"""The statements that fill a large installation: each writes the rows of one table for some pages.

What SQL cannot compute alike on both databases (fingerprints, times, keys of other rows) comes from Python,
in the temporary table ``made``; the rest is an expression for each column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast, get_type_hints

from django.db import connection
from django.db.models import Model

from catalog.models import Event, Page, Reading, Record, RecordVersion, RunHost, Snapshot, Visit
from crawler.collections import PAGES
from crawler.lanes import Lane, rank_of
from crawler.outcomes import Outcome

OF_BATCH = 128  # pages
LENGTH = 5_000  # bytes of a version in its segment
RANK = rank_of(Lane.NORMAL, 4)
AGAIN, GONE = "number % 5 = 0", "number % 50 = 7"
"""Pages with a second version, with other values; and pages that went with the second run."""


class MadePage(NamedTuple):
    """A row of ``made``: a page, and what it belongs to as keys."""

    number: int
    fingerprint: int
    seed: int
    rules: int
    first_run: int  # stored every page
    second_run: int  # met some of them again
    paused_run: int  # pages wait in it; 0: none
    host: int
    batch: int
    change_set: int
    later_set: int
    version: int
    second: int  # version; 0: none
    url: str
    digest: str
    first_at: str
    second_at: str
    body: bytes  # text, packed
    links: bytes  # packed, of some pages
    looks: bytes  # packed


def make_table(rows: Iterable[MadePage]) -> None:
    """The table ``made`` with these rows."""
    postgresql = connection.vendor == "postgresql"
    types = {str: "text", int: "bigint", bytes: "bytea" if postgresql else "blob"}
    columns = ", ".join(f"{name} {types[kind]}" for name, kind in get_type_hints(MadePage).items())
    if postgresql:
        columns = columns.replace("_at text", "_at timestamptz")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS made")
        cursor.execute(f"CREATE TEMPORARY TABLE made ({columns})")
        if postgresql:
            _copy(rows)
        else:
            marks = ", ".join(["%s"] * len(MadePage._fields))
            cursor.executemany(f"INSERT INTO made VALUES ({marks})", cast("Any", rows))  # noqa: S608  ours


def _copy(rows: Iterable[MadePage]) -> None:
    with connection.connection.cursor() as cursor, cursor.copy("COPY made FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def statements() -> Iterator[str]:
    """An INSERT for each table, in an order in which rows come before those that point at them."""
    for model, columns, source in (
        (Page, _PAGE, ""),
        (Snapshot, _VERSION, ""),
        (Snapshot, _VERSION | _SECOND, f"WHERE {AGAIN}"),
        (Reading, _READING, ""),
        (Reading, _READING | {"snapshot_id": "second"}, f"WHERE {AGAIN} AND number % 10 = 0"),
        (Record, _RECORD, ""),
        (RecordVersion, _EARLIER, f"WHERE {AGAIN}"),
        (Event, _EVENT, ""),
        (Visit, _VISIT, ""),
        (Visit, _VISIT | _LATER_VISIT, "WHERE number % 20 < 3"),
        (Visit, _VISIT | _HELD_VISIT, "WHERE number % 10 = 3 AND paused_run > 0"),
        (RunHost, _RUN_HOST, "WHERE 1 = 1 GROUP BY first_run, host ON CONFLICT (run_id, host_id) DO NOTHING"),
    ):
        yield _insert(model, columns, source)


def _insert(model: type[Model], columns: Mapping[str, str], source: str) -> str:
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(_in_dialect(expression) for expression in columns.values())
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM made {source}"  # noqa: S608  ours


def _in_dialect(expression: str) -> str:
    return expression.replace(" AS JSON)", " AS jsonb)" if connection.vendor == "postgresql" else " AS text)")


def _values(price: str) -> str:
    """The values of a record: a text, money, a number, a day, and now and then a name beyond ASCII."""
    parts = (
        """'{"headline":"Article ' || number || ' about something","price":{"amount":' || """,
        price,
        """ || '.5,"currency":"EUR"},"stock":' || (number % 50) || ',"day":"2026-0' || (1 + number % 9)""",
        """ || '-15","author":"' || """,
        """CASE WHEN number % 100 = 0 THEN 'Zoë Müller' ELSE 'Somebody' END || '"}'""",
    )
    return "".join(parts)


_NOW, _BEFORE = _values("(number % 1000)"), _values("(number % 1000 + 1)")
_CHANGED_AT = f"CASE WHEN {AGAIN} THEN second_at ELSE first_at END"
_GONE_AT = f"CASE WHEN {GONE} THEN second_at END"
_LATEST_SET = f"CASE WHEN {AGAIN} OR {GONE} THEN later_set ELSE change_set END"
_TITLE = "'Article ' || number || ' about something'"
_PAGE = {
    "id": "number",
    "seed_id": "seed",
    "host_id": "host",
    "url": "url",
    "fingerprint": "fingerprint",
    "first_stored_at": "first_at",
    "last_fetched_at": "CASE WHEN number % 20 < 2 THEN second_at ELSE first_at END",
    "last_changed_at": _CHANGED_AT,
    "versions": f"CASE WHEN {AGAIN} THEN 2 ELSE 1 END",
    "etag": """'"4e20-large"'""",
    "last_modified": "''",
    "digest": "digest",
    "rule_set_id": "rules",
    "text_signature": "number",
    "noise": "0",
    "looks": "2",
    "lately": "looks",
    "latest_id": f"CASE WHEN {AGAIN} THEN second ELSE version END",
    "gone_answers": "0",
    "gone_at": _GONE_AT,
    "changed_in_id": _LATEST_SET,
    "new_in_id": "change_set",
}
_VERSION = {
    "id": "version",
    "page_id": "number",
    "run_id": "first_run",
    "batch_id": "batch",
    "offset": f"number % {OF_BATCH} * {LENGTH}",
    "length": str(LENGTH),
    "final_url": "url",
    "status": "200",
    "content_type": "'text/html'",
    "encoding": "'utf-8'",
    "size": str(4 * LENGTH),
    "digest": "digest",
    "fetched_at": "first_at",
    "title": _TITLE,
    "text_zstd": "body",
    "outlinks_zstd": "links",
}
_SECOND = {"id": "second", "run_id": "second_run", "fetched_at": "second_at"}
_READING = {
    "snapshot_id": "version",
    "rule_set_id": "rules",
    "data": f"""CAST('{{"{PAGES}":[' || {_NOW} || ']}}' AS JSON)""",
    "keys": "'{}'",
}
_RECORD = {
    "id": "number",
    "seed_id": "seed",
    "collection": f"'{PAGES}'",
    "key_hash": "fingerprint",
    "key": "'[]'",
    "page_id": "number",
    "also_on": "'[]'",
    "position": "0",
    "values": f"CAST({_NOW} AS JSON)",
    "problems": "'{}'",
    "snapshot_id": f"CASE WHEN {AGAIN} THEN second ELSE version END",
    "rule_set_id": "rules",
    "first_seen_at": "first_at",
    "last_seen_at": _CHANGED_AT,
    "last_changed_at": _CHANGED_AT,
    "gone_at": _GONE_AT,
    "changed_in_id": _LATEST_SET,
    "new_in_id": "change_set",
}
_EARLIER = {
    "record_id": "number",
    "values": f"CAST({_BEFORE} AS JSON)",
    "snapshot_id": "version",
    "rule_set_id": "rules",
    "since": "first_at",
    "until": "second_at",
    "changed_in_id": "later_set",
}
_OF_PAGE, _DOWN = "number % 4 = 0", "number % 3 > 0"
_EVENT = {  # of each page one: three of four of a price that went up or down, the others of the page
    "seed_id": "seed",
    "kind": f"CASE WHEN {_OF_PAGE} THEN {Event.Kind.PAGE_CHANGED} ELSE {Event.Kind.FIELD_CHANGED} END",
    "state": str(Event.State.SETTLED.value),
    "at": "second_at",
    "run_id": "second_run",
    "page_id": "number",
    "record_id": f"CASE WHEN {_OF_PAGE} THEN NULL ELSE number END",
    "collection": f"CASE WHEN {_OF_PAGE} THEN '' ELSE '{PAGES}' END",
    "field": f"CASE WHEN {_OF_PAGE} THEN '' ELSE 'price' END",
    "subject": _TITLE,
    "url": "url",
    "before": "CAST('12.5' AS JSON)",
    "after": f"CAST(CASE WHEN {_DOWN} THEN '9.9' ELSE '15.0' END AS JSON)",
    "difference": f"CASE WHEN {_OF_PAGE} THEN NULL WHEN {_DOWN} THEN -2.6 ELSE 2.5 END",
    "percent": f"CASE WHEN {_OF_PAGE} THEN NULL WHEN {_DOWN} THEN -20.8 ELSE 20.0 END",
    "detail": "''",
    "changed_in_id": "later_set",
}
_VISIT = {
    "run_id": "first_run",
    "host_id": "host",
    "page_id": "number",
    "snapshot_id": "version",
    "kind": "0",
    "url": "url",
    "fingerprint": "fingerprint",
    "due_at": "first_at",
    "depth": "3",
    "hops": "0",
    "attempts": "1",
    "state": str(Visit.State.DONE.value),
    "rank": str(RANK),
    "outcome": str(Outcome.STORED.value),
    "reason": "NULL",
    "status": "200",
    "content_type": "'text/html'",
    "location": "''",
    "detail": "''",
    "fetched_at": "first_at",
    "elapsed_ms": "20",
    "text_signature": "number",
}
_FAILED = "number % 20 = 2"
_LATER_VISIT = {  # a tenth is stored or unchanged, half as many fail
    "run_id": "second_run",
    "snapshot_id": f"CASE WHEN {_FAILED} THEN NULL ELSE version END",
    "due_at": "second_at",
    "fetched_at": "second_at",
    "outcome": (
        f"CASE number % 20 WHEN 0 THEN {Outcome.STORED.value} WHEN 1 THEN {Outcome.UNCHANGED.value}"
        f" ELSE {Outcome.FAILED.value} END"
    ),
    "reason": f"CASE WHEN {_FAILED} THEN 'http_500' END",
    "status": f"CASE WHEN {_FAILED} THEN 500 ELSE 200 END",
    "text_signature": f"CASE WHEN {_FAILED} THEN NULL ELSE number END",
}
_HELD_VISIT = {
    "run_id": "paused_run",
    "page_id": "NULL",
    "snapshot_id": "NULL",
    "attempts": "0",
    "state": str(Visit.State.HELD.value),
    "outcome": "NULL",
    "status": "NULL",
    "content_type": "''",
    "fetched_at": "NULL",
    "elapsed_ms": "NULL",
    "text_signature": "NULL",
}
_RUN_HOST = {"run_id": "first_run", "host_id": "host", "discovered": "count(*)"}
