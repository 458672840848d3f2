"""A field in one line, as people write it and as the form shows it again."""

from __future__ import annotations

import pytest

from crawler.seeds.field_lines import field_of_line, line_of_field
from tests.harness.rules import field_of


@pytest.mark.parametrize(
    ("line", "kind", "rule"),
    [
        ("f = h1::text", "css", "h1::text"),
        ("f=a[href='x=y']", "css", "a[href='x=y']"),
        ("f = li:hover", "css", "li:hover"),
        ("f = //h1", "xpath", "//h1"),
        ("f = (//h1)[2]", "xpath", "(//h1)[2]"),
        ("f = xpath: count(//p)", "xpath", "count(//p)"),
        ("f = xpath://h1", "xpath", "//h1"),
        ("f = css: h1", "css", "h1"),
    ],
)
def test_the_kind_of_a_rule_is_seen_or_said(line, kind, rule):
    field = field_of_line(line)
    assert field == field_of("f", kind, rule)
    assert field_of_line(line_of_field(field)) == field


@pytest.mark.parametrize("line", ["", "f", "f =", "= h1", "="])
def test_a_line_that_is_none_is_refused(line):
    with pytest.raises(ValueError, match=r"Write 'name = selector', for example 'title = h1::text'"):
        field_of_line(line)
