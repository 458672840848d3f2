"""The kinds css and xpath: values of pages and of XML, folded, with mistakes told in sentences."""

from __future__ import annotations

import pytest
from parsel import Selector

from crawler.reading.fields import css as css_kind
from crawler.reading.fields import xpath as xpath_kind
from crawler.reading.fields.kind import Place
from crawler.reading.reader import read_document
from crawler.reading.text import fold

PAGE = """<html><head><title> A  page </title></head><body>
<h1>Blue <b>lamp</b><!-- not text --></h1>
<p class="price">  12.50\n EUR </p><p class="price">13</p>
<a href=" /a?b=1 " title="">one</a><a href="/two">two</a>
<div><span>x</span><div><p>deep</p></div></div><ul><li>1<li>2</ul></body></html>"""


def extract(css: str, page: str = PAGE) -> str | None:
    return css_kind.compile(css).first(Place(read_document(page.encode(), "text/html", "")))


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


@pytest.mark.parametrize(
    ("css", "value"),
    [
        ("p:not(.price, .none), h1", "Blue lamp"),
        (":is(h2, h1)::text", "Blue"),
        ("p:has(+ a)::text", "13"),
        ("p:nth-child(2 of .price)", "13"),
        (":any-link::attr(href)", "/a?b=1"),
        ("table > tbody > tr > td", "cell"),  # as an inspector copies it
        ("li:nth-of-type(2)", "2"),
        ("svg a::attr(xlink:href)", "/x"),
        ("ul li::text, h1 > b", "lamp"),
        ("h1, p::text", "Blue lamp"),
        ('[title=","], h1::text', "Blue"),
        ("H1", "Blue lamp"),
    ],
)
def test_selectors_are_those_of_browsers(css, value):
    assert extract(css, PAGE + "<table><tr><td>cell</table><svg><a xlink:href=/x></a></svg>") == value


FEED = """<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><lastBuildDate>today</lastBuildDate>
<item><pubDate>1 May</pubDate><dc:creator>Ann</dc:creator><link>http://a.test/?x=1&amp;y=2</link></item>
<Product UnitPrice="3"><Name><![CDATA[A & <b>B</b>]]></Name></Product></channel></rss>"""
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title></entry></feed>'


@pytest.mark.parametrize("broken", ["", "<!-- a -- b -->", "<br>", "\x01", "&nbsp;", "<u:n/>"])
@pytest.mark.parametrize(
    ("css", "value"),
    [
        ("pubDate", "1 May"),
        ("channel > lastBuildDate", "today"),
        ("item pubDate::text", "1 May"),
        (r"dc\:creator", "Ann"),
        ("Product > Name", "A & <b>B</b>"),
        ("Product::attr(UnitPrice)", "3"),
        ("item > link", "http://a.test/?x=1&y=2"),
        ("pubdate", None),
    ],
)
def test_names_in_xml_are_as_they_stand_in_the_file(css, value, broken):
    document = read_document(FEED.replace("<item>", broken + "<item>").encode(), "text/xml", "")
    assert css_kind.compile(css).first(Place(document)) == value


def test_a_default_namespace_is_in_nobodys_way():
    document = read_document(ATOM.encode(), "application/atom+xml", "")
    assert css_kind.compile("entry > title").first(Place(document)) == "T"
    assert xpath_kind.compile("//entry/title").first(Place(document)) == "T"


@pytest.mark.parametrize(
    ("xpath", "value"),
    [
        ("//h1", "Blue lamp"),
        ("//h1/text()", "Blue"),
        ("//a/@href", "/a?b=1"),
        ("(//a)[2]", "two"),
        ("//a[contains(., 'two')]/@href", "/two"),
        ("//p[@class='price'][2] | //h1/b", "lamp"),
        ("count(//li)", "2"),
        ("count(//li) div 4", "0.5"),
        ("//li = 2", "true"),
        ("normalize-space(//p)", "12.50 EUR"),
        ("number(//h1)", None),
        ("//h2", None),
        ("string(//h2)", ""),
        ("//li[position() = last()]", "2"),
        ("//div/descendant::p", "deep"),
    ],
)
def test_the_value_of_an_xpath(xpath, value):
    assert xpath_kind.compile(xpath).first(Place(read_document(PAGE.encode(), "text/html", ""))) == value


@pytest.mark.parametrize(
    ("xpath", "reason"),
    [
        ("", ""),
        ("//a[", ""),
        ("//a[foo(1)]", r"no function foo\(\)"),
        ("document('file:///etc/passwd')", r"no function document\(\)"),
        ("//a[re:test(., 'a')]", r"write \*\[name\(\)='re:test'\]"),
        ("//dc:creator", r"write \*\[name\(\)='dc:creator'\]"),
        ("//a[$x]", "variable"),
        ("count('a')", ""),
        ("//a\0", "NUL"),
        ("h1::text", ""),
    ],
)
def test_an_xpath_that_cannot_be_used_is_told(xpath, reason):
    with pytest.raises(ValueError, match=f"is not an XPath that can be used: .*{reason}"):
        xpath_kind.check(xpath)


def test_an_xpath_whose_fault_only_a_page_shows_has_no_value_there():
    xpath_kind.check("//h1[sum(1)]")
    assert (
        xpath_kind.compile("//h1[sum(1)]").first(Place(read_document(PAGE.encode(), "text/html", ""))) is None
    )


@pytest.mark.parametrize(
    ("css", "reason"),
    [
        ("svg|path", "namespaces"),
        ("dc|creator", "namespaces"),
        ("foo|bar::text", "namespaces"),
        ("svg|*", "namespaces"),
    ]
    + [("[xlink|href]", "namespaces"), ("p:contains('x')", "write an XPath such as")],
)
def test_a_selector_with_a_namespace_is_refused_with_a_sentence(css, reason):
    with pytest.raises(ValueError, match=reason):
        css_kind.check(css)


@pytest.mark.parametrize("css", ["", "h1[", "h1::after", "::attr()", "p:unknown()", "//h1", "h1\0"])
def test_a_rule_that_cannot_be_used_is_told(css):
    with pytest.raises(ValueError, match="is not a CSS selector that can be used"):
        css_kind.check(css)


def test_fold_leaves_nothing_a_database_refuses():
    assert fold(" a\t\n b\u00a0c ") == "a b c"
    assert fold("a\0b\ud800c") == "abc"
    assert fold("a\u200bb é 漢 🙂") == "a\u200bb é 漢 🙂"
