"""Which links belong to a run."""

from __future__ import annotations

import time

import pytest

from crawler.policy import CrawlPolicy, Scope
from crawler.rules.scope import Reach, ScopeRules
from crawler.rules.urls import resolve


def rules(*roots, scope=Scope.HOST, include=(), exclude=()):
    policy = CrawlPolicy(start_urls=roots, scope=scope, include=tuple(include), exclude=tuple(exclude))
    return ScopeRules(policy, roots)


@pytest.mark.parametrize(
    ("scope", "root", "url", "inside"),
    [
        (Scope.PAGE, "http://e.org/a?b", "http://e.org/a?b&utm_source=x", True),
        (Scope.PAGE, "http://e.org/a", "http://e.org/b", False),
        (Scope.PAGE, "http://e.org", "http://e.org/", True),
        (Scope.PREFIX, "http://e.org/docs/index.html", "http://e.org/docs/x/y?z", True),
        (Scope.PREFIX, "http://e.org/docs/index.html", "http://e.org/docs", False),
        (Scope.PREFIX, "http://e.org/docs", "http://e.org/other", True),
        (Scope.PREFIX, "http://e.org/docs/?next=/a/b", "http://e.org/docs/c", True),
        (Scope.PREFIX, "http://e.org/docs/", "https://e.org/docs/", False),
        (Scope.PREFIX, "http://e.org/docs/", "http://e.org:8080/docs/", False),
        (Scope.PREFIX, "http://user@e.org/docs/", "http://user@e.org/docs/x", True),
        (Scope.HOST, "http://e.org/docs/", "http://e.org/", True),
        (Scope.HOST, "http://e.org/", "https://e.org/", True),
        (Scope.HOST, "https://e.org/", "http://e.org/", True),
        (Scope.HOST, "http://e.org/", "http://e.org./", True),
        (Scope.HOST, "http://e.org/", "http://www.e.org/", False),
        (Scope.HOST, "http://e.org/", "http://e.org:8080/", False),
        (Scope.HOST, "http://e.org/", "https://e.org:80/", False),
        (Scope.HOST, "http://e.org:8080/", "http://e.org:8080/a", True),
        (Scope.HOST, "http://e.org:8080/", "https://e.org:8080/a", True),
        (Scope.HOST, "http://e.org:8080/", "http://e.org/a", False),
        (Scope.HOST, "http://[::1]:8080/", "http://[::1]:8080/a", True),
        (Scope.HOST, "http://e.org/", "http://e.org@evil.example/", False),
        (Scope.DOMAIN, "http://www.e.co.uk/", "https://shop.e.co.uk:8443/", True),
        (Scope.DOMAIN, "http://www.e.co.uk/", "http://other.co.uk/", False),
        (Scope.DOMAIN, "http://a.github.io/", "http://b.github.io/", False),
        (Scope.DOMAIN, "http://127.0.0.1:8000/", "http://127.0.0.1:8001/", True),
        (Scope.DOMAIN, "http://127.0.0.1/", "http://10.0.0.1/", False),
        (Scope.DOMAIN, "http://bücher.example/", "http://www.bücher.example/", True),
    ],
)
def test_reach(scope, root, url, inside):
    assert (rules(root, scope=scope).covers(resolve(url))) is inside


def test_every_root_counts():
    scope = rules("http://e.org/a/", "nonsense", "http://e.org/b/", "http://f.org/", scope=Scope.PREFIX)
    for url in ("http://e.org/a/1", "http://e.org/b/1", "http://f.org/1"):
        assert scope.covers(url)
    assert not scope.covers("http://e.org/c/1")


def test_include_narrows_but_never_the_roots():
    scope = rules("http://e.org/start", include=["*/shop/*", "re:[?&]id=[0-9]+$"])
    assert scope.covers("http://e.org/shop/1")
    assert scope.covers("http://e.org/x?id=17")
    assert scope.covers("http://e.org/start")
    assert not scope.covers("http://e.org/x?id=17&y")
    assert not scope.covers("http://f.org/shop/1")


def test_exclude_wins():
    scope = rules("http://e.org/", include=["*/shop/*"], exclude=["*/shop/old/*", "http://e.org/"])
    assert scope.covers("http://e.org/shop/new/1")
    assert not scope.covers("http://e.org/shop/old/1")
    assert not scope.covers("http://e.org/")


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("http://e.org/a", "a", True),
        ("http://e.org/a", "ab", False),
        ("http://e.org/*", "", True),
        ("*b", "ab", True),
        ("*b", "ba", False),
        ("*a*b*", "xaxbx", True),
        ("*ab*ab", "ab", False),
        ("*ab*ab", "abab", True),
        ("http://e.org/?", "a", True),
        ("http://e.org/a?b=1", "a?b=1", True),
        ("http://e.org/a.c", "abc", False),
        ("http://e.org/A", "a", False),
        ("*[a]*", "[a]", True),
        ("*[a]*", "a", False),
        ("re:^http://e.org/[a-c]$", "b", True),
        ("re:/b", "a/b/c", True),
    ],
)
def test_patterns(pattern, path, matches):
    url = f"http://e.org/{path}"
    assert (rules("http://e.org/other", exclude=[pattern]).covers(url)) is not matches


def test_many_stars_take_no_more_than_linear_time():
    scope = rules("http://e.org/", exclude=["*a" * 100 + "*b"])
    began = time.process_time()
    assert scope.covers("http://e.org/" + "a" * 7_900)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("part", ["include", "exclude"])
def test_with_a_pattern_that_cannot_be_used_nothing_is_in_scope(part):
    scope = rules("http://e.org/", **{part: ["*", "re:(?!x)"]})
    assert not scope.covers("http://e.org/")
    assert "excluded pattern" in scope.problem


def test_what_shuts_a_url_out_is_told():
    rules = ScopeRules(
        CrawlPolicy(
            start_urls=("http://a.example/docs/",), include=("*/docs/*", "*/faq"), exclude=("*.pdf",)
        ),
        ["http://a.example/docs/", "http://a.example/start"],
    )
    told = {
        "http://a.example/docs/x": Reach.WITHIN,
        "http://a.example/start": Reach.ROOT,
        "http://a.example/docs/x.pdf": Reach.EXCLUDED,
        "http://a.example/blog": Reach.NOT_INCLUDED,
        "http://b.example/faq": Reach.BEYOND,
    }
    assert {url: rules.reach(url) for url in told} == told
    assert [url for url in told if rules.covers(url)] == ["http://a.example/docs/x", "http://a.example/start"]
