"""Cookies of a run: what is kept, and to whom it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.rules.cookies import MAX_COOKIE, MAX_COOKIES, MAX_HEADER, MAX_JARS, Cookies

NOW = 784111777.0
PAGE = "http://www.e.org/shop/page?x=/y/z"


def kept(*lines: str, url: str = PAGE) -> Cookies:
    cookies = Cookies()
    cookies.keep(1, url, lines, NOW)
    return cookies


@pytest.mark.parametrize(
    ("line", "url", "header"),
    [
        ("a=1", "http://www.e.org/shop/other", "a=1"),
        ("a=1", "http://www.e.org/", ""),
        ("a=1; Path=/", "http://www.e.org/", "a=1"),
        ("a=1; path=/shop", "http://www.e.org/shopping", ""),
        ("a=1; path=/shop", "http://www.e.org/shop", "a=1"),
        ("a=1; Path=/; Domain=e.org", "http://www.e.org/", "a=1"),
        ("a=1; Path=/; Domain=.e.org", "http://shop.e.org/", ""),
        ("a=1; Path=/; Domain=other.org", "http://www.e.org/", ""),
        ("a=1; Path=/; Domain=org", "http://other.org/", ""),
        ("a=1; Path=/", "https://www.e.org/", ""),
        ("a=1; Path=/", "http://www.e.org:8080/", ""),
        (" a = b c ; Path=/", "http://www.e.org/", "a=b c"),
        ('a="q"; Path=/', "http://www.e.org/", 'a="q"'),
        ("a=; Path=/", "http://www.e.org/", "a="),
        ("a=1; Path=/; Max-Age=60", "http://www.e.org/", "a=1"),
        ("a=1; Path=/; Max-Age=0", "http://www.e.org/", ""),
        ("a=1; Path=/; Expires=Sun, 06-Nov-1994 08:49:36 GMT", "http://www.e.org/", ""),
        ("a=1; Path=/; Expires=Mon, 07 Nov 1994 08:49:36 GMT", "http://www.e.org/", "a=1"),
        ("a=1; Path=/; Expires=rubbish", "http://www.e.org/", "a=1"),
        ("a\x01=1; Path=/", "http://www.e.org/", ""),
        ("a=1\x002; Path=/", "http://www.e.org/", ""),
        ("a=ž; Path=/", "http://www.e.org/", ""),
        ("nothing; Path=/", "http://www.e.org/", ""),
        ("=1; Path=/", "http://www.e.org/", ""),
        (f"a={'x' * MAX_COOKIE}; Path=/", "http://www.e.org/", ""),
    ],
)
def test_a_cookie_goes_back_to_its_origin_and_path_only(line: str, url: str, header: str) -> None:
    assert kept(line).header(1, url, NOW + 1) == header


def test_another_run_gets_none() -> None:
    assert kept("a=1; Path=/").header(2, PAGE, NOW) == ""


def test_a_new_value_replaces_and_an_expired_one_removes() -> None:
    assert kept("a=1; Path=/", "b=2; Path=/", "a=3; Path=/").header(1, PAGE, NOW) == "b=2; a=3"
    assert kept("a=1; Path=/", "a=; Path=/; Max-Age=-1").header(1, PAGE, NOW) == ""
    assert kept("a=1; Path=/; Max-Age=60").header(1, PAGE, NOW + 61) == ""


def test_the_longest_path_is_first() -> None:
    assert kept("a=1; Path=/", "b=2").header(1, PAGE, NOW) == "b=2; a=1"


def test_memory_and_header_are_bounded() -> None:
    cookies = kept(*[f"c{number}={'x' * 900}; Path=/" for number in range(10 * MAX_COOKIES)])
    assert len(cookies.header(1, PAGE, NOW)) <= MAX_HEADER
    for run in range(2, MAX_JARS + 2):
        cookies.keep(run, PAGE, ["a=1"], NOW)
    assert cookies.header(1, PAGE, NOW) == ""
    assert cookies.header(MAX_JARS + 1, PAGE, NOW) == "a=1"


@given(st.text(max_size=60))
def test_nothing_that_a_server_sets_raises_or_breaks_a_header(line: str) -> None:
    header = kept(line, f"a={line}; Path=/; Expires={line}; Max-Age={line}").header(1, PAGE, NOW)
    assert header.isprintable() or not header.isascii()
    header.encode("latin-1")
