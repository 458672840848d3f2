"""Every example of docs/field-types.md gives what the document says, and every type and step has one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.collections import Step
from crawler.reading.steps import STEPS, clean
from crawler.reading.types import TYPES, convert

BASE = "https://shop.example/a/list"
DOCUMENT = Path(__file__).parents[2] / "docs" / "field-types.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]
TYPE_ROWS = [row for row in ROWS if len(row) == 5]
STEP_ROWS = [row for row in ROWS if len(row) == 3]


def value(cell: str) -> Any:
    return json.loads(cell.strip(" `|"))


@pytest.mark.parametrize("row", TYPE_ROWS)
def test_the_example_of_a_type_is_true(row) -> None:
    type, raw, where, result, _ = row
    locale, _, zone = where.partition(", ")
    assert convert(value(raw), type.strip("`"), locale=locale, zone=zone, base=BASE) == value(result)


@pytest.mark.parametrize("row", STEP_ROWS)
def test_the_example_of_a_step_is_true(row) -> None:
    step, text, result = map(value, row)
    assert clean([text], (Step.of(step),), base=BASE) == result


def test_every_type_and_step_has_an_example() -> None:
    assert {row[0].strip("`") for row in TYPE_ROWS} == TYPES.keys()
    assert {Step.of(value(row[0])).kind for row in STEP_ROWS} == STEPS.keys()
