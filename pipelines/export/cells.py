"""The cells of a row: as people read them, and as typed values for files whose columns have types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from crawler.reading.record import Value, is_money
from pipelines.export.columns import FIELD_PREFIX, FIELDS, OTHERS, Column, Type
from pipelines.export.slices import Row

_NO_FIELDS: Row = {}  # of rows that are no pages and no records
_PARTED = (dict, list)  # of which a value of several parts is
Cells = list[list[Any]]  # by column
Table = Callable[[Sequence[Row]], Cells]


def table_of(columns: Sequence[Column]) -> Table:
    """What gives the values of some rows: a list for each column, in their order.

    Whole columns, because a call for each cell takes more time than all that is done with it.
    """
    known = frozenset(column.field for column in columns if column.field)

    def table(part: Sequence[Row]) -> Cells:
        fields = [row.get(FIELDS, _NO_FIELDS) for row in part]
        return [_values(column, part, fields, known) for column in columns]

    return table


def _values(column: Column, part: Sequence[Row], fields: list[Row], known: frozenset[str]) -> list[Any]:
    """Of a column; that of other fields has those without a column, or null."""
    if column.field:
        name = column.field
        return [values.get(name) for values in fields]
    if column.name == OTHERS:
        return [{name: values[name] for name in values if name not in known} or None for values in fields]
    name = column.name
    return [row.get(name) for row in part]


def flat_row(row: Row) -> Row:
    """A row with its fields as further columns."""
    fields = row.get(FIELDS, _NO_FIELDS)
    return {name: row[name] for name in row if name != FIELDS} | {
        f"{FIELD_PREFIX}{name}": value for name, value in fields.items()
    }


def flat(value: Value) -> str:
    """A value of several parts as one text: a list with semicolons, money as ``12.5 EUR``, else JSON."""
    if isinstance(value, list):
        return "; ".join(map(flat, value))
    if isinstance(value, dict):
        if is_money(value):
            return f"{value['amount']} {value['currency'] or ''}".strip()
        return as_json(value)
    return "" if value is None else str(value)


def as_json(value: Value) -> str:
    """A value as JSON, without white space."""
    return msgspec.json.encode(value).decode()


class Typed(NamedTuple):
    """A column of a typed file. ``cells``: what of the values of its column it shows; null stays null."""

    name: str
    type: Type
    meaning: str
    cells: Callable[[list[Value]], list[Any]]


def typed_columns(columns: Sequence[Column]) -> list[list[Typed]]:
    """By column, those of a typed file: two of money, one of all others. No two names differ by case alone.

    Values are texts, numbers, truth values, dates and moments with a zone; JSON where they are nested.
    What is not of its column's type stays as it is, a text if it is nested.
    """
    taken: set[str] = set()
    return [[typed._replace(name=_free(typed.name, taken)) for typed in _typed(column)] for column in columns]


def typed_table(columns: Sequence[Column]) -> Table:
    """What gives the cells of some rows: a list for each typed column, in their order."""
    table, typed = table_of(columns), typed_columns(columns)

    def cells(part: Sequence[Row]) -> Cells:
        pairs = zip(table(part), typed, strict=True)
        return [each.cells(values) for values, group in pairs for each in group]

    return cells


def all_typed(columns: Sequence[Column]) -> list[Typed]:
    """The columns of a typed file, in their order."""
    return list(chain.from_iterable(typed_columns(columns)))


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free.lower() in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free.lower())
    return free


def _typed(column: Column) -> Iterable[Typed]:
    whole = Typed(column.name, column.type, column.meaning, _CELLS[column.type])
    if column.type != Type.MONEY:
        return (whole,)
    currency = f"the currency of {column.name} (ISO 4217)"
    return (
        whole._replace(type=Type.NUMBER),
        Typed(f"{column.name}_currency", Type.TEXT, currency, _currencies),
    )


def _plain(values: list[Value]) -> list[Any]:
    return [flat(value) if value.__class__ in _PARTED else value for value in values]


def _texts(values: list[Value]) -> list[Any]:
    return [value if value is None or value.__class__ is str else flat(value) for value in values]


def _dates(values: list[Value]) -> list[Any]:
    return [None if value is None else _date(value) for value in values]


def _date(value: Value) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return flat(value) if value.__class__ in _PARTED else value


def _moments(values: list[Value]) -> list[Any]:
    return [None if value is None else _moment(value) for value in values]


def _moment(value: Value) -> Any:
    """In UTC; a time without a zone is one of UTC."""
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is UTC:
            return moment
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return flat(value) if value.__class__ in _PARTED else value


def _amounts(values: list[Value]) -> list[Any]:
    return _plain([value["amount"] if is_money(value) else value for value in values])


def _currencies(values: list[Value]) -> list[Any]:
    return [(value["currency"] or None) if is_money(value) else None for value in values]


def _nested(values: list[Value]) -> list[Any]:
    return [value if value is None or value.__class__ is str else as_json(value) for value in values]


_CELLS: dict[Type, Callable[[list[Value]], list[Any]]] = {
    Type.TEXT: _texts,
    Type.INTEGER: _plain,
    Type.NUMBER: _plain,
    Type.BOOLEAN: _plain,
    Type.DATE: _dates,
    Type.MOMENT: _moments,
    Type.MONEY: _amounts,
    Type.NESTED: _nested,
}
