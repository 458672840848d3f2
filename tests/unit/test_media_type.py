"""What a Content-Type header says, however it is written, and which bytes are no text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.requests.media_type import is_binary, media_type


def kind_of(*values: str) -> str:
    return media_type([("server", "x"), *(("content-type", value) for value in values)])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("text/html", "text/html"),
        ("TEXT/HTML;Charset=UTF-8", "text/html; charset=UTF-8"),
        ("text/html; charset=utf-8", "text/html; charset=utf-8"),
        (" text/html ;charset = utf-8 ", "text/html; charset=utf-8"),
        ('text/html; charset="utf-8"', "text/html; charset=utf-8"),
        ('text/html; charset="utf-8', "text/html; charset=utf-8"),
        (r'text/html; charset="u\tf-8"', "text/html; charset=utf-8"),
        ("text/html;;;charset=utf-8;", "text/html; charset=utf-8"),
        ("text/html; charset=gbk; charset=utf-8", "text/html; charset=gbk"),
        ("text/html; charset=; charset=utf-8", "text/html; charset=utf-8"),
        ("text/html; charset", "text/html"),
        ('text/html; x="; charset=gbk"; charset=utf-8', "text/html; charset=utf-8"),
        ("text/html;version=1;profile=x/y", "text/html"),
        ("text/html, text/html", "text/html"),
        ("text/html; charset=gbk, text/html", "text/html; charset=gbk"),
        ("text/html; charset=gbk, text/plain", "text/plain"),
        ("text/plain; x=\",text/css\", text/html", "text/html"),
        ("text/plain, */*", "text/plain"),
        ("text/html, nonsense", "text/html"),
        ("text/html; charset=\x01", "text/html"),
        ("text/html; charset=" + "x" * 41, "text/html"),
        ("", ""),
        (";charset=utf-8", ""),
        ("text", ""),
        ("text/", ""),
        ("/html", ""),
        ("*/*", ""),
        ("text\\html", ""),
        ("text/html charset=utf-8", ""),
        ('"text/html"', ""),
        ("text/ html", ""),
        ("te\x01xt/html", ""),
        ("\u00fcber/html", ""),
        ("application/unknown", ""),
        ("unknown/unknown; charset=x", ""),
    ],
)  # fmt: skip
def test_a_header_is_read_as_browsers_read_it(value, kind):
    """Rows of web-platform-tests (mimesniff, fetch/content-type) and of servers that people met."""
    assert kind_of(value) == kind


def test_several_headers_are_one_list():
    assert kind_of("text/html; charset=gbk", "text/html") == "text/html; charset=gbk"
    assert kind_of("text/html", "nonsense") == "text/html"
    assert kind_of() == ""


@given(st.text(st.characters(max_codepoint=255), max_size=200))
def test_whatever_is_sent_becomes_one_short_line_or_nothing(value):
    kind = kind_of(value)
    assert kind.isascii()
    assert kind.isprintable()
    assert kind_of(kind) == kind


def test_a_long_header_costs_little():
    for value in (
        '"' * 32000,
        ";" * 32000,
        "," * 32000,
        ";=" * 16000,
        '\\"' * 16000,
        "; " * 16000,
        "a/" * 16000,
    ):
        kind_of("text/html" + value)


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a<html>",
        b"PK\x03\x04",
        b"\xff\xd8\xff\xe0",
        b"\x1f\x8b\x08",
    ],
)
@pytest.mark.parametrize("kind", ["", "text/html; charset=utf-8", "text/plain", "application/xhtml+xml"])
def test_what_begins_as_a_file_of_another_kind_is_no_text(body, kind):
    assert is_binary(body, kind)


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/xml"])
def test_bytes_at_random_are_no_text(kind):
    assert is_binary(random.Random(1).randbytes(2000), kind)


def test_markup_may_hold_some_bytes_that_do_not_belong_there():
    page = b"<!doctype html><title>A\0B</title><p>\x01 words" + b" and words" * 50
    assert not is_binary(page, "text/html")
    assert not is_binary(page, "application/rss+xml")
    assert is_binary(page, "text/plain")
    assert is_binary(page, "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("kind", ["text/html", "application/xml", ""])
def test_utf_16_is_text(encoding, kind):
    assert not is_binary("<p>words".encode(encoding), kind)


def test_utf_16_that_is_declared_is_text():
    assert not is_binary("words".encode("utf-16-le"), "text/plain; charset=UTF-16LE")
    assert is_binary("words".encode("utf-16-le"), "text/plain")
