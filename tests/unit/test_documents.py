"""A body in, a document out: which reader takes it, and what stays as it is written."""

from __future__ import annotations

import pytest

from crawler.reading.document import MAX_TITLE, Document
from crawler.reading.reader import read_document

MARKUP = "<?xml version='1.0'?><p>one<i>two</i></p>"


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("text/html", "onetwo"),
        ("application/xhtml+xml; charset=utf-8", "onetwo"),
        ("Text/XML", "one two"),
        ("application/rss+xml", "one two"),
        ("", "one two"),
        ("text/plain", MARKUP),
        ("application/octet-stream", "one two"),
    ],
)
def test_the_type_decides_how_a_body_is_read(content_type, text):
    assert read_document(MARKUP.encode(), content_type, "").text == text


def test_what_is_said_stays_as_it_is_written():
    page = (
        '<base href="/dir/"><link rel=canonical href="../real"><meta name=ROBOTS content=" NoIndex ">'
        '<meta name=otherbot content=none><a href="x y">1</a><a rel=nofollow href="http://[bad">2</a>'
    )
    document = read_document(page.encode(), "text/html", "testbot")
    assert (document.base, document.declared_canonical) == ("/dir/", "../real")
    assert document.meta_robots == [" NoIndex "]
    assert (list(document.hrefs), list(document.nofollow_hrefs)) == (["x y"], ["http://[bad"])


def test_links_have_the_encoding_of_an_html_page_and_utf_8_elsewhere():
    assert read_document(b"<a href=x>y</a>", "text/html; charset=koi8-r", "").link_encoding == "koi8-r"
    assert read_document(b"<a>y</a>", "text/xml; charset=koi8-r", "").link_encoding == "utf-8"


def test_a_long_title_is_cut():
    page = f"<title>{'x' * 2 * MAX_TITLE}</title>"
    assert read_document(page.encode(), "text/html", "").title == "x" * MAX_TITLE
    assert read_document(page.encode(), "text/xml", "").title == "x" * MAX_TITLE


@pytest.mark.parametrize("content_type", ["text/html", "text/xml", "text/plain", ""])
def test_nothing_gives_a_document_that_says_nothing(content_type):
    document = read_document(b"", content_type, "")
    assert document == Document(document.encoding)
