"""A field in one line, as people write it and as the form shows it again."""

from __future__ import annotations

import pytest

from crawler.collections import Field, Rule, Step
from crawler.reading.types import TYPES
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


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("tags[] = .tag", field_of("tags", "css", ".tag", many=True)),
        ("name! = h1", field_of("name", "css", "h1", required=True)),
        ("names[]! = h1", field_of("names", "css", "h1", many=True, required=True)),
        (
            "price = .price => replace 'from ' '' => money de",
            field_of(
                "price", "css", ".price", steps=(Step("replace", ("from ", "")),), type="money", locale="de"
            ),
        ),
        (
            "at = time => date en-GB Europe/Berlin",
            field_of("at", "css", "time", type="date", locale="en-GB", zone="Europe/Berlin"),
        ),
        ("t = h1 => trim => upper", field_of("t", "css", "h1", steps=(Step("trim"), Step("upper")))),
        ("p = json: a | b", field_of("p", "json", "a | b")),
    ],
)
def test_a_line_says_many_required_steps_and_type(monkeypatch, line, field):
    for name in ("money", "date"):
        monkeypatch.setitem(TYPES, name, "")
    assert field_of_line(line) == field
    assert line_of_field(field) == line


@pytest.mark.parametrize("line", ["t = h1 =>  => trim", "t = h1 => replace 'a"])
def test_steps_that_are_none_are_refused(line):
    with pytest.raises(ValueError, match="is not a field"):
        field_of_line(line)


def test_what_no_line_can_say_is_told():
    field = Field(name="t", rules=(Rule("css", "h1"), Rule("css", "h2")))
    with pytest.raises(ValueError, match="says more than a line can"):
        line_of_field(field)
