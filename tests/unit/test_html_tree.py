"""The tree of HTML is the browser's: html5lib-tests, and what follows from it for text, links and rules."""

from __future__ import annotations

import pytest
from turbohtml import Element, Node, Text

from crawler.reading.html import parse_html, read_html
from crawler.reading.text import fold
from tests.unit.tree_construction import drawn, rows

PROCESSING_INSTRUCTIONS = {
    # To the standard these are processing instructions since 2026, to the rows comments. Nobody sees either.
    '<?import namespace="foo" implementation="#bar">',
    "<?",
    "<?COMMENT?>",
    "<?COM--MENT?>",
}
WITHIN_WORDS = {
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "cite", "code", "data", "del", "dfn", "em"),
    *(
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "nobr",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
    ),
    *("sup", "time", "tt", "u", "var", "wbr"),
}
UNSEEN = {"head", "iframe", "noscript", "script", "style", "template", "title"}


def test_every_document_of_the_suite_has_the_tree_of_the_standard():
    suite = rows()
    others = {row.source for row in suite if drawn(parse_html(row.source)) != row.tree}
    assert len(suite) > 1500
    assert others == PROCESSING_INSTRUCTIONS


def test_the_text_of_every_document_is_what_a_walk_over_its_tree_gives():
    for row in rows():
        document = read_html(row.source, "utf-8", "")
        assert document.tree is not None or not row.source
        if document.tree is not None:
            assert document.text == fold("".join(_walk(document.tree))), row.source


def _walk(node: Node) -> list[str]:
    """The text below a node, with spaces around all that is not within words."""
    pieces = []
    for child in node.children:
        if isinstance(child, Text):
            pieces.append(child.data)
        elif isinstance(child, Element) and child.tag not in UNSEEN:
            inner = _walk(child)
            pieces += inner if child.tag in WITHIN_WORDS else [" ", *inner, " "]
    return pieces


@pytest.mark.parametrize(
    ("source", "text", "hrefs"),
    [
        ("<p>a</p></body></html><p>b <a href=/c>c</a>", "a b c", ["/c"]),  # content after </html>
        ("<div>" * 3000 + "deep <a href=/d>link</a>", "deep link", ["/d"]),
        ("<b><p>one</b> two</p>", "one two", []),
        ("<table><a href=/f>foster</a><tr><td>cell</table>", "foster cell", ["/f"]),
        ("a<template><a href=/t>t</a></template>b", "ab", []),
        (
            "<x-card><template shadowrootmode=open>in <a href=/s>shadow</a></template></x-card>",
            "in shadow",
            ["/s"],
        ),
        ("<svg><a xlink:href=/x><text>x</text></a><a href=/y xlink:href=/z></a></svg>", "x", ["/x", "/y"]),
        ("Price: <!-- -->12<!-- -->.50", "Price: 12.50", []),
        ("<p>a\u00a0 b\u3000c<p>d<span>e</span>f<br>g<x-h>h</x-h>", "a b c def g h", []),
        ("<textarea></p><a href=/no></textarea><title>x</title>", "</p><a href=/no>", []),
    ],
)
def test_text_and_links_are_those_of_the_browser(source, text, hrefs):
    document = read_html(source, "utf-8", "")
    assert (document.text, list(document.hrefs)) == (text, hrefs)


@pytest.mark.parametrize(
    ("start", "end"),
    [("<script>", "</script>"), ("<style>", "</style>"), ("<noframes>", "</noframes>"), ("<!--", "-->")],
)
def test_a_less_than_sign_where_no_tag_can_be_ends_nothing(start, end):
    """A filter against monstrous tags once cut the page from here."""
    head = f"<head>{start}for(i=0;i<n;i++){{}}{'a=b;' * 1300}{end}<title>T</title></head>"
    document = read_html(f"{head}<a href=/a>a</a><p>{'x ' * 26000}", "utf-8", "")
    assert (document.title, list(document.hrefs)) == ("T", ["/a"])
    assert document.text == "a" + " x" * 26000


def test_monstrous_documents_are_read_in_linear_time_and_whole():
    """One tag with 100,000 attributes, and 200,000 links."""
    page = (
        "<a href=/m " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x</a>" + "<a href=/n>y</a>" * 200_000
    )
    assert list(read_html(page, "utf-8", "").hrefs) == ["/m", "/n"]


def test_the_first_base_with_an_address_counts():
    """HTML standard, section 4.2.3."""
    assert read_html('<base target=x><base href=""><base href="/evil/">', "utf-8", "").base == ""
    assert read_html('<base target=x><base href="/dir/"><base href="/evil/">', "utf-8", "").base == "/dir/"


def test_the_title_is_the_first_of_html():
    assert read_html("<svg><title>icon</title></svg><title>page</title>", "utf-8", "").title == "page"
