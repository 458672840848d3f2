"""The kind css: parsel's meaning, folded, cleaned, with mistakes told in sentences."""

from __future__ import annotations

import pytest
from parsel import Selector

from crawler.reading.fields import css as css_kind
from crawler.reading.reader import read_document
from crawler.reading.text import fold

PAGE = """<html><head><title> A  page </title></head><body>
<h1>Blue <b>lamp</b><!-- not text --></h1>
<p class="price">  12.50\n EUR </p><p class="price">13</p>
<a href=" /a?b=1 " title="">one</a><a href="/two">two</a>
<div><span>x</span><div><p>deep</p></div></div><ul><li>1<li>2</ul></body></html>"""


def extract(css: str, page: str = PAGE) -> str | None:
    return css_kind.compile(css)(read_document(page.encode(), "text/html", ""))


@pytest.mark.parametrize(
    ("css", "value"),
    [
        ("h1", "Blue lamp"),
        ("h1::text", "Blue"),
        (".price", "12.50 EUR"),
        (".price::text", "12.50 EUR"),
        ("a::attr(href)", "/a?b=1"),
        ("a::attr(title)", ""),
        ("a:nth-of-type(2)::text", "two"),
        ("h2", None),
        ("h1::attr(id)", None),
        ("h2, .price", "12.50 EUR"),
        ("title", "A page"),
    ],
)
def test_value(css, value):
    assert extract(css) == value


@pytest.mark.parametrize(
    "css",
    [
        *["p.price::text", ".price, b::text", ".none::text, b::text", ".pri::text", "body .price::text"],
        *[
            "h1::text",
            ".price::text",
            "a::attr(href)",
            "a::attr(title)",
            "li::text",
            "div p::text",
            "div > p::text",
        ],
        *[
            "*::text",
            "p::text, h1::text",
            "li:last-child::text",
            "div div ::text",
            "a:not([title])::attr(href)",
        ],
        *["body > *::text", "span + div p::text", "p ~ a::text", "[href*=two]::text", "b::text, title::text"],
    ],
)
def test_an_ending_means_what_parsel_gets(css):
    expected = Selector(PAGE).css(css).get()
    assert extract(css) == (expected if expected is None else " ".join(expected.split()))


@pytest.mark.parametrize("css", ["", "h1[", "h1::after", "::attr()", "p:unknown()", "//h1", "h1\0"])
def test_a_rule_that_cannot_be_used_is_told(css):
    with pytest.raises(ValueError, match="is not a CSS selector that can be used"):
        css_kind.check(css)


def test_fold_leaves_nothing_a_database_refuses():
    assert fold(" a\t\n b\u00a0c ") == "a b c"
    assert fold("a\0b\ud800c") == "abc"
    assert fold("a\u200bb é 漢 🙂") == "a\u200bb é 漢 🙂"
