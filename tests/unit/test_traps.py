"""What gives traps away: repeated segments, templates, and texts that differ in numbers only."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading.signature import alike, text_signature
from crawler.rules.traps import most_repeated, template_of
from tests.harness.waiting import PATIENCE


@pytest.mark.parametrize(
    ("url", "times"),
    [
        ("http://e.org/", 1),
        ("http://e.org/a/b/c", 1),
        ("http://e.org/a/b/a/b/a?x=/a/a/a", 3),
        ("http://e.org/a////b", 3),
        ("http://e.org/2024/01/01/01", 3),
    ],
)
def test_most_repeated(url, times):
    assert most_repeated(url) == times


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.org/p/1", "http://e.org/p/22"),
        ("http://e.org/p/2031-05/x", "http://e.org/p/2-6/x"),
        ("http://e.org/s/8f3a9b/", "http://e.org/s/Zk3XyQ9/"),
        ("http://e.org/p?id=1&sid=x", "http://e.org/p?sid=y&id=2&id=3"),
    ],
)
def test_urls_of_one_template(one, other):
    assert template_of(one) == template_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.org/p/1", "http://e.org/q/1"),
        ("http://e.org/p/1", "http://f.org/p/1"),
        ("http://e.org/p1/apple", "http://e.org/p1/pear"),
        ("http://e.org/p?id=1", "http://e.org/p?no=1"),
        ("http://e.org/p?id=1", "http://e.org/p"),
    ],
)
def test_urls_of_different_templates(one, other):
    assert template_of(one) != template_of(other)


@pytest.mark.parametrize("url", ["http://e.org/", "http://e.org/about/us.html"])
def test_urls_that_can_have_no_likes(url):
    assert template_of(url) is None


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("May 05, 2031", "May 7, 2032", True),
        ("Seite 3 für 12,50 €", "Seite 17 für 9,00 €", True),
        ("", "17", True),
        ("May 05, 2031", "June 05, 2031", False),
        ("apples", "pears", False),
    ],
)
def test_texts_that_differ_in_numbers_are_alike_and_not_the_same(one, other, is_alike):
    first, second = text_signature(one), text_signature(other)
    assert first != second
    assert (alike(first) == alike(second)) is is_alike
    assert alike(first)[0] <= first <= alike(first)[1]


@given(st.text())
def test_signatures_fit_a_signed_bigint(text):
    first, last = alike(text_signature(text.encode("utf-8", "replace").decode()))
    assert -(2**63) <= first < last < 2**63


def test_hostile_urls_cost_little():
    began = time.perf_counter()
    for path in ("a" * 7900, "a1/" * 2600, f"?{'a1=b2&' * 1300}"):
        template_of(f"http://e.org/{path}")
        most_repeated(f"http://e.org/{path}")
    assert time.perf_counter() - began < 2 * PATIENCE
