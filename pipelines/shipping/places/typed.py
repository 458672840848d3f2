"""The columns of a table at a receiver, and the cells of a row in their types.

A column that is there keeps its type, also if the rules say another one by now. What is not of its column's
type is null there, and stands in the last column, by its column, so that it is not lost.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from pipelines.export.cells import all_typed, as_json, table_of, typed_columns
from pipelines.export.columns import FIELD_PREFIX, Column, Type
from pipelines.export.slices import Row

ID, SHIPMENT, MISFITS = "crawlbeat_id", "crawlbeat_shipment", "not_of_their_type"
LONGEST = 63  # bytes of a name (PostgreSQL, "Identifiers and Key Words")
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # in JSON
_TEXT, _JSON = "text", "jsonb"
_TYPES = {
    Type.TEXT: _TEXT,
    Type.INTEGER: "bigint",
    Type.NUMBER: "numeric",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.MOMENT: "timestamp with time zone",
    Type.NESTED: _JSON,
}
_MOST = 2**63
_OUR_OWN = ("change",)  # of lines: what it says has been done


def names_and_types(columns: Sequence[Column]) -> dict[str, str]:
    """The columns that a table needs, each with its type."""
    needed = {_name(typed.name): _TYPES[typed.type] for typed in all_typed(_shown(columns))}
    return needed | {MISFITS: _JSON}


class Typing:
    """What gives the cells of rows; ``types``: of the columns that the table has."""

    def __init__(self, columns: Sequence[Column], types: Mapping[str, str]) -> None:
        own = names_and_types(columns)
        stale = [name for name in types if name.startswith(FIELD_PREFIX) and name not in own]
        self.names = [*own, *stale]  # what rows had, and have no more, is null
        self._kinds = [types[name] for name in own if name != MISFITS]
        self._table, self._typed = table_of(_shown(columns)), typed_columns(_shown(columns))
        self._stale: list[Any] = [None] * len(stale)

    def cells(self, part: Sequence[Row]) -> Iterator[list[Any]]:
        """The values of each row, in the order of ``names``."""
        return map(self._cells, zip(*self._parts(part), strict=True))

    def _cells(self, values: Sequence[Any]) -> list[Any]:
        cells: list[Any] = []
        misfits = {}
        for name, kind, value in zip(self.names, self._kinds, values, strict=False):
            cell = _cell(value, kind)
            if cell is None and value is not None:
                misfits[name] = value
            cells.append(cell)
        return [*cells, _json(misfits) if misfits else None, *self._stale]

    def _parts(self, part: Sequence[Row]) -> Iterator[list[Any]]:
        """By column what typed files have in these columns, but nested values as they are."""
        for values, group in zip(self._table(part), self._typed, strict=True):
            for typed in group:
                yield values if typed.type == Type.NESTED else typed.cells(values)


def _shown(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.name not in _OUR_OWN]


def _name(name: str) -> str:
    """A name that PostgreSQL does not cut off."""
    raw = name.encode()
    if len(raw) <= LONGEST:
        return name
    return f"{raw[: LONGEST - 9].decode(errors='ignore')}_{hashlib.sha256(raw).hexdigest()[:8]}"


def _cell(value: Any, kind: str) -> Any:
    """The value in the type of its column; None if it is none of that type."""
    if value is None:
        return None
    return _CELLS[kind](value) if kind in _CELLS else None


def _text(value: Any) -> str:
    return _without_nul(value if isinstance(value, str) else as_json(value))


def _integer(value: Any) -> int | None:
    return value if type(value) is int and -_MOST <= value < _MOST else None


def _number(value: Any) -> Decimal | None:
    """Of a float, the digits that it was written with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(str(value)) if math.isfinite(value) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: Any) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _json(value: Any) -> Jsonb:
    return Jsonb(value, dumps=lambda each: _NUL.sub(r"\1", as_json(each)))


def _without_nul(text: str) -> str:
    """PostgreSQL keeps no NUL in texts."""
    return text.replace("\0", "")


_CELLS = {
    _TEXT: _text,
    "character varying": _text,
    "double precision": _number,
    "bigint": _integer,
    "numeric": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp with time zone": _moment,
    _JSON: _json,
}
