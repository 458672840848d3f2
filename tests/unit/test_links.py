"""The links of a page are judged alike, remembered or not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.policy import CrawlPolicy, Scope
from crawler.rules import links as module
from crawler.rules.keys import Keys
from crawler.rules.links import LONGEST_REMEMBERED, SAMPLE, LinkRules
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import BadUrl, resolve, without_credentials
from tests.unit.test_urls import PIECES

ROOT = "http://h.example/"


def rules(scope: Scope = Scope.HOST, **settings) -> LinkRules:
    policy = CrawlPolicy(start_urls=(ROOT,), scope=scope, **settings)
    return LinkRules(Keys.of(policy), ScopeRules(policy, (ROOT,)))


def urls(links: LinkRules, hrefs: list[str], base: str = ROOT) -> list[str]:
    return [link.url for link in links.split(hrefs, base).inside]


@given(st.lists(PIECES, max_size=8), st.lists(PIECES, max_size=6), st.lists(PIECES, max_size=6))
@example(["#"], [], ["%"])
def test_what_is_remembered_of_one_page_is_right_on_another(link, first, second):
    href, judge = "".join(link), rules(exclude=("re:$^",))
    for page in ("http://user@h.example:80/d/" + "".join(path) for path in (first, second)):
        try:
            expected = [without_credentials(resolve(href, page))]
        except BadUrl:
            expected = []
        found = judge.split([href], page)
        assert [*found.sample, *(link.url for link in found.inside)] == expected


@pytest.mark.parametrize(
    "href", ["a", "/a", "?a", "http://h.example/a", "//h.example/a", "../a", "a:b", "\\a"]
)
def test_each_kind_of_link_depends_on_enough_of_its_page(href):
    judge = rules()
    for page in (ROOT, f"{ROOT}d/", f"{ROOT}d/e?q", f"{ROOT}x/y/z", "https://h.example/d/"):
        assert urls(judge, [href], page) == urls(rules(), [href], page)


def test_a_fragment_alone_is_the_page_itself():
    assert urls(rules(), ["#"], f"{ROOT}d/e?q") == [f"{ROOT}d/e?q"]


def test_links_to_the_parts_of_a_page_are_one():
    assert urls(rules(), ["/a#1", "/a#2", "/a", "/b #3"]) == [f"{ROOT}a", f"{ROOT}b%20"]


def test_links_outside_are_counted_once_and_some_are_shown():
    outside = [f"http://o.example/{number}" for number in range(2 * SAMPLE)]
    links = rules().split([*outside, *outside, "/in", "mailto:a@b.c", "http://["], ROOT)
    assert ([link.url for link in links.inside], links.outside) == ([f"{ROOT}in"], 2 * SAMPLE)
    assert links.sample == outside[:SAMPLE]


def test_runs_do_not_share_what_they_judge():
    assert urls(rules(), ["/a"]) == [f"{ROOT}a"]
    assert urls(rules(exclude=("*/a",)), ["/a"]) == []
    assert urls(rules(scope=Scope.PAGE), ["/a"]) == []


def test_the_memory_begins_again_when_it_is_full(monkeypatch):
    monkeypatch.setattr(module, "_memory", memory := module._Memory())
    judge = rules()
    for page in range(3):
        links = [f"/{page}/{number}" for number in range(module.REMEMBERED // 2)]
        assert urls(judge, links) == [f"http://h.example{link}" for link in links]
    assert sum(map(len, memory._tables.values())) <= module.REMEMBERED
    long = "/" + "x" * LONGEST_REMEMBERED
    assert urls(judge, [long]) == [f"http://h.example{long}"]
    assert not any(long in table for table in memory._tables.values())


def test_a_bad_base_leaves_absolute_links():
    assert urls(rules(), [f"{ROOT}a", "a", "/a"], base="nonsense") == [f"{ROOT}a"]
