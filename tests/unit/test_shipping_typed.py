"""Cells of a table at a receiver: in the type of their column, or beside it; no value makes it fail."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines.export.columns import Column, Type
from pipelines.shipping.places.typed import LONGEST, MISFITS, Typing, names_and_types

COLUMNS = [
    Column("change", Type.TEXT),
    Column("key", Type.NESTED),
    Column("field_price", Type.MONEY, field="price"),
    Column("field_stock", Type.NUMBER, field="stock"),
    Column("field_since", Type.DATE, field="since"),
    Column("field_name", Type.TEXT, field="name"),
    Column("field_parts", Type.NESTED, field="parts"),
]


def cells(fields: dict[str, Any], types: dict[str, str] | None = None) -> dict[str, Any]:
    typing = Typing(COLUMNS, names_and_types(COLUMNS) | (types or {}))
    row = {"change": "new", "key": ["a"], "fields": fields}
    values = dict(zip(typing.names, next(typing.cells([row])), strict=True))
    return {name: getattr(value, "obj", value) for name, value in values.items() if value is not None}


def test_a_table_has_two_columns_of_money_and_none_of_what_became_of_a_row() -> None:
    assert names_and_types(COLUMNS) == {
        "key": "jsonb", "field_price": "numeric", "field_price_currency": "text", "field_stock": "numeric",
        "field_since": "date", "field_name": "text", "field_parts": "jsonb", MISFITS: "jsonb",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"price": {"amount": 19.99, "currency": "EUR"}},
            {"field_price": Decimal("19.99"), "field_price_currency": "EUR"},
        ),
        ({"since": "2026-11-20"}, {"field_since": date(2026, 11, 20)}),
        ({"stock": True, "since": "soon"}, {MISFITS: {"field_stock": True, "field_since": "soon"}}),
        ({"name": "a\0b"}, {"field_name": "ab"}),
        ({"name": ["a", "b"]}, {"field_name": "a; b"}),
        ({"parts": "plain"}, {"field_parts": "plain"}),
    ],
)
def test_a_cell_has_the_type_of_its_column(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert cells(fields) == {"key": ["a"], **expected}


def test_a_column_that_is_there_keeps_its_type_and_what_is_gone_from_the_rules_is_empty() -> None:
    typing = Typing(COLUMNS, names_and_types(COLUMNS) | {"field_old": "text", "note": "text"})
    assert typing.names[-1] == "field_old"
    assert cells({"stock": 5}, {"field_stock": "text"}) == {"key": ["a"], "field_stock": "5"}
    assert cells({"stock": 2**70}, {"field_stock": "bigint"})[MISFITS] == {"field_stock": 2**70}
    assert cells({"stock": 5}, {"field_stock": "box"})[MISFITS] == {"field_stock": 5}


def test_json_without_nul_stays_json() -> None:
    typing = Typing(COLUMNS, names_and_types(COLUMNS))
    row = {"change": "new", "key": ["a"], "fields": {"parts": ["a\0b", "\\u0000", "\\\0"]}}
    json = dict(zip(typing.names, next(typing.cells([row])), strict=True))["field_parts"]
    assert json.dumps(json.obj) == r'["ab","\\u0000","\\"]'


def test_a_long_name_is_cut_before_the_database_cuts_it() -> None:
    names = list(names_and_types([Column(f"field_{'ä' * 40}{end}", Type.TEXT) for end in "ab"]))
    assert all(len(name.encode()) <= LONGEST for name in names)
    assert len(set(names)) == 3
