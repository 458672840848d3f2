"""JSON as pages hold it has the same values as documents of JSON, and is forgiven what those are not."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.reading.reader import read_document
from crawler.reading.structured.lenient_json import load_lenient
from crawler.reading.structured.scripts import script_data

NUMBERS = "[1e999, 18446744073709551615, 18446744073709551616, NaN, 1.5]"
VALUES = ["1e999", 2**64 - 1, "18446744073709551616", None, 1.5]


def scripts(markup: str) -> list[Any]:
    return [each.value for each in script_data(read_document(markup.encode(), "text/html", ""))]


@pytest.mark.parametrize(
    "markup",
    [
        f"<script type=application/json>{NUMBERS}</script>",
        f"<script type=application/ld+json>{NUMBERS}</script>",
        f"<script>window.X = {NUMBERS.replace('NaN', 'null')};</script>",
        f"<script>window.X = JSON.parse('{NUMBERS}')</script>",
    ],
)
def test_numbers_are_those_that_a_database_takes_wherever_they_stand(markup: str) -> None:
    assert scripts(markup) == [VALUES]
    assert read_document(NUMBERS.encode(), "application/json", "").data == VALUES


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('/* a */ {"a": [1, 2,], // b\n};', {"a": [1, 2]}),
        ('<!-- {"a": "x\ny"} -->', {"a": "x\ny"}),
        ('<![CDATA[{"a": "// no comment,]"}]]>', {"a": "// no comment,]"}),
        ('{"a\\u0000": "\\ud83d"}', {"a": ""}),
    ],
)
def test_comments_commas_and_line_ends_are_forgiven(text: str, value: Any) -> None:
    assert load_lenient(text) == value


@pytest.mark.parametrize("text", ["{", "nothing", "[" * 202 + "]" * 202, "[" * 100_000])
def test_what_is_no_json_even_then_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nested deeper|Expecting"):
        load_lenient(text)
