"""Delay, slow-down and Retry-After of a host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.rules.politeness import (
    MAX_SLOWDOWN,
    MAX_SLOWED_DELAY,
    host_delay,
    next_slowdown,
    parse_retry_after,
)

NOW = 784111777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's examples


@pytest.mark.parametrize(
    ("delays", "crawl_delay", "slowdown", "expected"),
    [
        ([1.0, 2.5], None, 1.0, 2.5),
        ([1.0], 5.0, 1.0, 5.0),
        ([1.0], 0.1, 1.0, 1.0),
        ([1.0], 86400.0, 1.0, 30.0),
        ([45.0], 86400.0, 1.0, 45.0),
        ([0.0], None, 1.0, 0.0),
        ([], None, 1.0, 0.0),
        ([1.0], None, 4.0, 4.0),
        ([0.0], None, 4.0, 0.08),
        ([10.0], None, 64.0, MAX_SLOWED_DELAY),
        ([90.0], None, 64.0, 90.0),
    ],
)
def test_host_delay(delays, crawl_delay, slowdown, expected):
    assert host_delay(delays, crawl_delay, slowdown, max_crawl_delay=30.0) == pytest.approx(expected)


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_it_is_asked_more_slowly(status):
    factor = 1.0
    for _ in range(20):
        assert next_slowdown(factor, status) >= factor
        factor = next_slowdown(factor, status)
    assert factor == MAX_SLOWDOWN


def test_good_answers_recover_the_pace():
    factor, answers = MAX_SLOWDOWN, 0
    while factor > 1:
        factor, answers = next_slowdown(factor, 200), answers + 1
    assert factor == 1
    assert 10 < answers < 30


def test_one_refusal_in_ten_does_not_add_up():
    factor = 1.0
    for number in range(1, 1001):
        factor = next_slowdown(factor, 503 if number % 10 == 0 else 200)
        assert factor <= 2


def test_other_server_errors_say_nothing_about_the_pace():
    assert next_slowdown(8.0, 500) == 8.0
    assert next_slowdown(8.0, 404) < 8.0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("999999999999999999999", 3600.0),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60.0),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60.0),
        ("Sun Nov  6 08:50:37 1994", 60.0),
        ("Sun, 06 Nov 1994 08:49:36 GMT", 0.0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", 3600.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 +999999999999999999", None),
        ("٣", None),
    ],
)
def test_retry_after_in_both_forms(value, expected):
    assert parse_retry_after(value, NOW, ceiling=3600.0) == expected


@given(st.text(max_size=40))
def test_retry_after_never_raises_and_is_clamped(value):
    wait = parse_retry_after(value, NOW, ceiling=10.0)
    assert wait is None or 0 <= wait <= 10
