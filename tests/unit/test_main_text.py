"""The main text as a field: its parts, its modes, and pages that have none or hurt."""

from __future__ import annotations

import time

import pytest

from crawler.collections import Rule
from crawler.reading import main_text
from crawler.reading.fields import check_rule
from crawler.reading.fields import main_text as kind
from crawler.reading.main_text import read_main_text
from crawler.reading.reader import read_document
from tests.harness.rules import field_of, values_of
from tests.harness.waiting import PATIENCE

PAGE = (
    "<html lang=en><title>Moss | Garden</title><meta name=author content='Jo Smith'>"
    "<nav><a href=/>Home</a> <a href=/all>All articles</a></nav><main><h1>Moss</h1>"
    "<p>Moss has <b>no roots</b>, and it drinks with its leaves, when there is something.</p>"
    "<ul><li>It is green all winter long.</li></ul></main><footer>Imprint and contact</footer>"
)


def fields(page: str, **rules: str) -> dict[str, str | None]:
    document = read_document(page.encode(), "text/html; charset=utf-8", "testbot")
    return values_of(document, *(field_of(name, "main_text", rule) for name, rule in rules.items()))


def test_a_field_is_a_part_of_the_main_text():
    assert fields(PAGE, a="title", b="author", c="language", d="published") == {
        "a": "Moss",
        "b": "Jo Smith",
        "c": "en",
        "d": None,
    }
    assert fields(PAGE, a="markdown")["a"] == (
        "# Moss\n\nMoss has **no roots**, and it drinks with its leaves, when there is something.\n\n"
        "- It is green all winter long."
    )


def test_the_thorough_mode_is_asked_for_by_a_word():
    text = fields(PAGE, a="thorough text")["a"]
    assert text is not None and "drinks with its leaves" in text and "Imprint" not in text


def test_a_document_is_read_once_however_many_fields_ask(monkeypatch):
    calls = []

    def counted(document, *, thorough):
        calls.append(thorough)
        return read_main_text(document, thorough=thorough)

    monkeypatch.setattr(kind, "read_main_text", counted)
    fields(PAGE, a="title", b="text", c="markdown")
    assert calls == [False]


@pytest.mark.parametrize("rule", ["", "body", "thorough", "text thorough", "thorough thorough text"])
def test_a_rule_that_names_no_part_is_refused_with_the_parts(rule):
    with pytest.raises(ValueError, match="Write one of text, markdown, title"):
        check_rule(Rule("main_text", rule))


def test_reading_leaves_the_tree_to_other_rules():
    document = read_document(PAGE.encode(), "text/html; charset=utf-8", "testbot")
    before = document.tree.html
    read_main_text(document, thorough=True)
    assert document.tree.html == before


@pytest.mark.parametrize("page", ["", "<html></html>", "<frameset><frame src=a></frameset>", "<p>"])
@pytest.mark.parametrize("thorough", [False, True])
def test_a_page_that_says_nothing_has_no_main_text(page, thorough):
    document = read_document(page.encode(), "text/html; charset=utf-8", "testbot")
    assert read_main_text(document, thorough=thorough).text == ""


def test_a_text_that_is_no_html_is_its_own_main_text():
    document = read_document(b"two words", "text/plain", "testbot")
    assert main_text.read_main_text(document).text == "two words"


@pytest.mark.parametrize(
    "page",
    ["<div>" * 3000 + "deep", "<p class=share>text of some length here" * 20_000, "<a href=x>" * 20_000],
    ids=["deep", "many", "links"],
)
def test_the_fast_mode_takes_no_more_time_than_a_page_is_long(page):
    document = read_document(page.encode(), "text/html; charset=utf-8", "testbot")
    started = time.perf_counter()
    read_main_text(document)
    assert time.perf_counter() - started < 10 * PATIENCE
