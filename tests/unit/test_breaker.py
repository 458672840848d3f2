"""The circuit breaker of a host: what is evidence that it is down, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.rules.breaker import (
    APART,
    BREAKER_MAX_SECONDS,
    BREAKER_SECONDS,
    BREAKER_THRESHOLD,
    MAX_SECTIONS,
    PROBES,
    Breaker,
    breaker_open_until,
    is_probing,
    section_of,
)
from djsite.desk.hosts import words
from tests.factories import new_host

NOW = 784111777.0
SITE = "http://a.test:8080"


def fail(breaker: Breaker, *paths: str) -> list[bool]:
    return [breaker.failed(SITE + path, first_try=True) for path in paths]


def test_it_opens_after_failures_in_a_row():
    assert breaker_open_until(BREAKER_THRESHOLD - 1, NOW) is None
    assert breaker_open_until(BREAKER_THRESHOLD, NOW) == NOW + BREAKER_SECONDS
    assert not is_probing(BREAKER_THRESHOLD - 1)
    assert is_probing(BREAKER_THRESHOLD)


def test_each_failed_probe_opens_it_for_twice_as_long():
    assert breaker_open_until(BREAKER_THRESHOLD + 1, NOW) == NOW + 2 * BREAKER_SECONDS
    assert breaker_open_until(BREAKER_THRESHOLD + 2, NOW, scale=0.1) == pytest.approx(
        NOW + 0.4 * BREAKER_SECONDS
    )
    assert breaker_open_until(10**6, NOW) == NOW + BREAKER_MAX_SECONDS


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/", "/"),
        ("/about", "/about"),
        ("/a17.html", "/a"),
        ("/archive/", "/archive/"),
        ("/archive/x", "/archive/"),
        ("/archive/2019/05/x", "/archive/2019/"),
        ("/item.php?id=3", "/item.php?"),
        ("/?p=3", "/?"),
        ("/shop/item.php?id=3", "/shop/"),
    ],
)
def test_a_section_is_how_the_urls_begin_that_probably_fail_together(path, section):
    assert section_of(SITE + path) == SITE + section


def test_the_same_url_is_no_new_evidence():
    breaker = Breaker(0, {})
    breaker.failed(f"{SITE}/a", first_try=True)
    for _ in range(9):
        assert not breaker.failed(f"{SITE}/a", first_try=False)
    assert breaker.failures == 1


def test_an_answer_from_anywhere_ends_the_row():
    breaker = Breaker(0, {})
    fail(breaker, "/a/1", "/a/2", "/b/1", "/b/2")
    breaker.answered(f"{SITE}/a/3")
    assert breaker.failures == 0


def test_a_section_that_failed_twice_in_a_row_is_asked_after_others():
    breaker = Breaker(0, {})
    fail(breaker, "/a/1", "/b/1")
    assert breaker.last_sections == ()
    fail(breaker, "/a/2")
    assert breaker.last_sections == (f"{SITE}/a/",)


def test_a_probe_is_made_elsewhere():
    breaker = Breaker(0, {})
    fail(breaker, "/a/1", "/b/1", "/c/1", "/d/1", "/e/1")
    assert breaker.last_sections == tuple(f"{SITE}/{name}/" for name in "abcde")


def test_a_section_that_fails_while_others_answer_says_nothing_of_the_host():
    breaker = Breaker(0, {})
    fail(breaker, "/a/1", "/a/2")
    breaker.answered(f"{SITE}/b/1")
    assert fail(breaker, *[f"/a/{number}" for number in range(3, 30)]) == [False] * 27
    assert (breaker.failures, breaker.last_sections) == (0, (f"{SITE}/a/",))
    assert Breaker(breaker.failures, breaker.failing).is_apart(f"{SITE}/a/99")  # and so in the next session
    assert fail(breaker, "/b/2") == [True]


def test_a_section_that_answers_again_counts_again():
    breaker = Breaker(0, {})
    fail(breaker, "/a/1", "/a/2")
    breaker.answered(f"{SITE}/b/1")
    breaker.answered(f"{SITE}/a/3")
    assert (breaker.last_sections, fail(breaker, "/a/4")) == ((), [True])


def test_one_failure_among_answers_sets_no_section_apart():
    breaker = Breaker(0, {})
    fail(breaker, "/a/1")
    breaker.answered(f"{SITE}/b/1")
    assert breaker.failing == {}


def test_endless_sections_are_not_all_remembered():
    breaker = Breaker(0, {})
    fail(breaker, *[f"/{letter}{letter}{number}/x" for number in range(10) for letter in "abcdefgh"])
    assert len(breaker.failing) == MAX_SECTIONS
    assert breaker.failures == 80


def test_a_host_is_given_up_after_many_probes():
    assert not Breaker(BREAKER_THRESHOLD + PROBES - 1, {}).given_up
    assert Breaker(BREAKER_THRESHOLD + PROBES, {}).given_up
    waits = [breaker_open_until(BREAKER_THRESHOLD + probe, 0.0) or 0 for probe in range(PROBES)]
    assert 1800 < sum(waits) < 2000


def test_people_are_shown_which_sections_fail_by_themselves():
    host = new_host(f"{SITE}/", failing={f"{SITE}/a/": APART, f"{SITE}/b/": 2})
    assert words.breaker(host, datetime.fromtimestamp(NOW, UTC)).sentence.endswith(
        f"Asked last, for they fail while others answer: {SITE}/a/."
    )
