"""Applying a lot to a table: upserts and deletions, and which shipment the table has, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from pipelines.changes.feed import GONE
from pipelines.export.cells import as_json
from pipelines.export.slices import Row
from pipelines.shipping.places.place import Lot
from pipelines.shipping.places.typed import ID, SHIPMENT, Typing, names_and_types

STATE = "crawlbeat_shipments"
_STATE_COLUMNS = sql.SQL(
    "table_name text PRIMARY KEY, outlet text NOT NULL, number bigint NOT NULL, until text NOT NULL, "
    "sha256 text NOT NULL, arrived_at timestamptz NOT NULL DEFAULT now()"
)


class Refused(Exception):
    """This table will not be written before a person does something. The sentence is for people."""


def apply(connection: psycopg.Connection, lot: Lot) -> str:
    """Write a lot; the caller commits. Raises :class:`Refused`, psycopg.Error and what ``lot`` raises."""
    target = _Target(connection, lot.spot.options["table"])
    if target.has(lot):
        return f"The table has shipment {lot.number} already."
    target.prepare(lot)
    for part in lot.parts():
        target.write(part)
        lot.kept()
    removed = target.remove_others(lot.number) if lot.whole else 0
    target.mark(lot)
    lot.kept()
    rest = f" {removed:,} others are gone." if removed else ""
    return f"{lot.manifest['rows']:,} rows of shipment {lot.number} are in the table.{rest}"


def try_table(connection: psycopg.Connection, table: str) -> str:
    """Make tables as they are needed, and roll that back."""
    _Target(connection, table).try_out()
    connection.rollback()
    return f"The table {table} can be written."


class _Target:
    def __init__(self, connection: psycopg.Connection, table: str) -> None:
        self._connection = connection
        schema, _, self._name = table.rpartition(".")
        self._table = sql.Identifier(*filter(None, (schema, self._name)))
        self._state = sql.Identifier(*filter(None, (schema, STATE)))

    def has(self, lot: Lot) -> bool:
        """Whether the table has this very lot; locks the row that says so. Raises :class:`Refused`."""
        self._make_state()
        ours = {"table": self._name, "outlet": lot.uid}
        self._do(
            "INSERT INTO {state} (table_name, outlet, number, until, sha256) "
            "VALUES (%(table)s, %(outlet)s, 0, '', '') ON CONFLICT DO NOTHING",
            ours,
        )
        row = self._do(
            "SELECT outlet, number, sha256 FROM {state} WHERE table_name = %(table)s FOR UPDATE", ours
        ).fetchone()
        assert row is not None
        outlet, number, checksum = row
        if outlet != lot.uid:
            raise Refused(
                f"Another outlet writes the table {self._name}. Give another table, or delete its row of "
                f"{STATE} to hand the table over."
            )
        if (number, checksum) == (lot.number, lot.manifest["sha256"]):
            return True
        if number >= lot.number and not lot.whole:
            raise Refused(
                f"The table has shipment {number} already, and this is another {lot.number}: was Crawlbeat "
                "restored from a backup? Have everything sent again."
            )
        return False

    def prepare(self, lot: Lot) -> None:
        """Make the table, or the columns that it has not yet."""
        self._do("CREATE TABLE IF NOT EXISTS {table} ({id} text PRIMARY KEY, {shipment} bigint NOT NULL)")
        self._add_columns(names_and_types(lot.columns))
        self._typing = Typing(lot.columns, self._types())
        self._shipment = lot.number

    def write(self, rows: Sequence[Row]) -> None:
        """Upsert and delete; of lines with the same key the last one counts."""
        last = {_id_of(row): row for row in rows}
        gone = [key for key, row in last.items() if row["change"] == GONE]
        kept = {key: row for key, row in last.items() if row["change"] != GONE}
        cells = self._typing.cells(list(kept.values()))
        there = [(key, self._shipment, *values) for key, values in zip(kept, cells, strict=True)]
        if gone:
            self._do("DELETE FROM {table} WHERE {id} = ANY(%(gone)s)", {"gone": gone})
        if there:
            with self._connection.cursor() as cursor:
                cursor.executemany(self._upsert(), there)

    def remove_others(self, number: int) -> int:
        """Delete what is not of this shipment; how many rows."""
        return self._do("DELETE FROM {table} WHERE {shipment} <> %(number)s", {"number": number}).rowcount

    def mark(self, lot: Lot) -> None:
        """Say which shipment the table has."""
        self._do(
            "UPDATE {state} SET number = %(number)s, until = %(until)s, sha256 = %(sha256)s, "
            "arrived_at = now() WHERE table_name = %(table)s",
            {
                "number": lot.number,
                "until": lot.manifest["until"],
                "sha256": lot.manifest["sha256"],
                "table": self._name,
            },
        )

    def try_out(self) -> None:
        """What :func:`apply` needs rights for."""
        self._make_state()
        self._do("CREATE TABLE IF NOT EXISTS {table} ({id} text PRIMARY KEY, {shipment} bigint NOT NULL)")
        self._do("DELETE FROM {table} WHERE false")

    def _make_state(self) -> None:
        self._connection.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(self._state, _STATE_COLUMNS)
        )

    def _add_columns(self, columns: dict[str, str]) -> None:
        known = self._types()
        for name, kind in columns.items():
            if name not in known:
                statement = sql.SQL("ALTER TABLE {} ADD COLUMN {} {}")
                column = statement.format(self._table, sql.Identifier(name), sql.SQL(kind))
                self._connection.execute(column)

    def _types(self) -> dict[str, str]:
        """By column of the table, its type."""
        rows = self._connection.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [self._table.as_string(self._connection)],
        )
        return dict(rows.fetchall())

    def _upsert(self) -> sql.Composed:
        names = [sql.Identifier(name) for name in (ID, SHIPMENT, *self._typing.names)]
        sets = [sql.SQL("{0} = excluded.{0}").format(name) for name in names[1:]]
        return sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
            self._table,
            sql.SQL(", ").join(names),
            sql.SQL(", ").join([sql.Placeholder()] * len(names)),
            names[0],
            sql.SQL(", ").join(sets),
        )

    def _do(self, text: str, values: dict[str, Any] | None = None) -> psycopg.Cursor:
        statement = sql.SQL(text).format(
            table=self._table, state=self._state, id=sql.Identifier(ID), shipment=sql.Identifier(SHIPMENT)
        )
        return self._connection.execute(statement, values or {})


def _id_of(row: Row) -> str:
    """Of the collection and the key: keys may be longer than what an index holds."""
    return hashlib.sha256(as_json([row["collection"], row["key"]]).encode()).hexdigest()[:32]
