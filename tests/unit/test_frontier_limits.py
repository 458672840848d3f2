"""The limits that a URL alone decides, and when the others are looked up: nothing here asks a database."""

from __future__ import annotations

from collections import Counter

import pytest

from catalog.models import Run
from crawler.outcomes import Limit
from crawler.policy import CrawlPolicy
from crawler.rules.keys import Keys
from pipelines.frontier.candidates import Candidate
from pipelines.frontier.limits import MAX_SITEMAPS, pages_within, sitemaps_within

START = "http://e.org/"


def candidate(url: str, depth: int = 1) -> Candidate:
    return Candidate(Keys().link(url), depth)


def numbered(number: int) -> list[Candidate]:
    return [candidate(f"http://e.org/p{at}") for at in range(number)]


def admitted(pages: list[Candidate], discovered: int = 0, **policy) -> tuple[list[str], dict[str, int]]:
    """The URLs that pass, and how many each limit turned away."""
    turned: Counter[str] = Counter()
    kept = pages_within(Run(discovered=discovered), CrawlPolicy(start_urls=(START,), **policy), pages, turned)
    return [page.outlink.url for page in kept], dict(turned)


def test_without_a_limit_all_pass():
    pages = [candidate(f"http://e.org/{'a/' * times}{'x' * times}", times) for times in range(1, 400, 50)]
    none = dict.fromkeys(("max_url_length", "max_repeated_segments", "max_pages_per_host", "max_same_text"))
    assert admitted(pages, **none) == ([page.outlink.url for page in pages], {})


@pytest.mark.parametrize(("limit", "passing"), [(0, 0), (1, 1), (2, 2), (3, 3), (9, 3)])
def test_depth(limit, passing):
    pages = [candidate(f"http://e.org/{depth}", depth) for depth in (1, 2, 3)]
    kept, turned = admitted(pages, max_depth=limit)
    assert kept == [f"http://e.org/{depth}" for depth in (1, 2, 3)][:passing]
    assert turned == ({Limit.DEPTH: 3 - passing} if passing < 3 else {})


def test_length_of_a_url():
    fits, too_long = "http://e.org/" + "a" * 7, "http://e.org/" + "a" * 8
    pages = [candidate(too_long), candidate(fits), candidate(too_long + "b")]
    assert admitted(pages, max_url_length=20) == ([fits], {Limit.URL_LENGTH: 2})


def test_repeated_segments():
    fits, repeats = "http://e.org/a/b/a/b", "http://e.org/a/b/a/b/a"
    pages = [candidate(fits), candidate(repeats)]
    assert admitted(pages, max_repeated_segments=2) == ([fits], {Limit.REPEATED_SEGMENTS: 1})
    assert admitted(pages, max_repeated_segments=3)[1] == {}


def test_what_people_wrote_themselves_is_held_to_no_limit_of_a_url():
    url = "http://e.org/" + "a/" * 50
    limits = {"max_depth": 0, "max_url_length": 20, "max_repeated_segments": 1}
    assert admitted([candidate(url, 0)], **limits) == ([url], {})


def test_a_page_is_turned_away_by_the_first_limit_alone():
    """The numbers of all limits add up to the links that were turned away."""
    pages = [
        candidate("http://e.org/a/a/a/a/a/a", 3),
        candidate("http://e.org/a/a/a/a/a/a", 2),
        candidate("http://e.org/b/b", 2),
        candidate("http://e.org/c", 2),
    ]
    limits = {"max_depth": 2, "max_url_length": 20, "max_repeated_segments": 1}
    expected = {Limit.DEPTH: 1, Limit.URL_LENGTH: 1, Limit.REPEATED_SEGMENTS: 1}
    assert admitted(pages, **limits) == (["http://e.org/c"], expected)


def test_what_others_were_turned_away_before_is_kept():
    turned = Counter({Limit.DEPTH: 5, Limit.PAGES: 2})
    policy = CrawlPolicy(start_urls=(START,), max_depth=1)
    pages_within(Run(), policy, [candidate("http://e.org/a", 2)], turned)
    assert turned == {Limit.DEPTH: 6, Limit.PAGES: 2}


def test_an_order_is_kept():
    pages = numbered(5)[::-1]
    assert admitted(pages, max_depth=3)[0] == [page.outlink.url for page in pages]


@pytest.mark.parametrize("limit", ["max_pages", "max_pages_per_host"])
def test_pages_are_not_looked_up_while_there_is_room(limit):
    for discovered, number in ((0, 10), (7, 3), (10, 0)):
        kept, turned = admitted(numbered(number), discovered, **{limit: 10})
        assert (len(kept), turned) == (number, {})


def test_pages_that_other_limits_turn_away_take_no_room():
    pages = [*numbered(3), *(candidate(f"http://e.org/deep{at}", 9) for at in range(5))]
    kept, turned = admitted(pages, 7, max_pages=10, max_pages_per_host=10, max_depth=1)
    assert (len(kept), turned) == (3, {Limit.DEPTH: 5})


def test_sitemaps_are_not_looked_up_while_there_is_room():
    for discovered, number in ((0, 3), (MAX_SITEMAPS - 3, 3)):
        turned: Counter[str] = Counter()
        sitemaps = [
            Candidate(Keys().sitemap(f"http://e.org/{at}.xml"), 0, found_on=7) for at in range(number)
        ]
        assert sitemaps_within(Run(discovered=discovered), sitemaps, turned) == sitemaps
        assert not turned
