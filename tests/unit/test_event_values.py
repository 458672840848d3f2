"""What differs between two states of a record, by how much, and what people call it."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.events.values import difference, field_changes, subject_of


def euros(amount: float, currency: str | None = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


@pytest.mark.parametrize(
    ("before", "after", "by"),
    [
        pytest.param(12.5, 9.9, (-2.6, -20.8), id="a number, exactly"),
        pytest.param(euros(10), euros(15), (5, 50), id="money"),
        pytest.param(euros(10), euros(15, "USD"), (None, None), id="money of another currency"),
        pytest.param(euros(10), euros(15, None), (None, None), id="money of a currency that is not known"),
        pytest.param(10, euros(15), (None, None), id="a number and money"),
        pytest.param(0, 3, (3, None), id="from zero"),
        pytest.param(-4, -2, (2, 50), id="below zero, up is more"),
        pytest.param(True, 2, (None, None), id="yes is no number"),
        pytest.param("12", "13", (None, None), id="texts are no numbers"),
        pytest.param(None, 3, (None, None), id="from nothing"),
        pytest.param(1e-300, 1e300, (1e300, None), id="a percentage that JSON cannot hold"),
        pytest.param(-1.5e308, 1.5e308, (None, 200), id="a difference that JSON cannot hold"),
        pytest.param(10**400, 1, (None, None), id="a number that no float holds"),
    ],
)
def test_numbers_and_money_differ_by_an_amount(before: Any, after: Any, by: tuple[Any, Any]) -> None:
    assert difference(before, after) == by


def test_only_fields_with_another_value_have_changed() -> None:
    before = {"a": 1, "b": True, "c": "x", "d": None, "f": [1, {"g": 2}]}
    after = {"a": 1.0, "b": 1, "c": "", "e": [], "f": [1, {"g": 2.0}]}
    changes = {change.field: (change.before, change.after) for change in field_changes(before, after)}
    assert changes == {"b": (True, 1), "c": ("x", None)}


@pytest.mark.parametrize(
    ("values", "subject"),
    [
        pytest.param({"sku": "A1", "title": "Assam"}, "Assam", id="a title"),
        pytest.param({"brand_name": "Teas", "title": "Assam"}, "Assam", id="a title before a name"),
        pytest.param({"url": "https://a.test/1", "product_name": "Assam"}, "Assam", id="a part of a name"),
        pytest.param({"url": "https://a.test/1", "tea": "Assam"}, "Assam", id="a text that is no address"),
        pytest.param({"title": "x" * 201, "price": "12.50"}, "A 1", id="the key, if no text is short"),
        pytest.param({"price": 3}, "A 1", id="the key, if there is no text"),
    ],
)
def test_a_record_is_called_by_what_people_read_first(values: dict[str, Any], subject: str) -> None:
    assert subject_of(values, ["A", "1"]) == subject
