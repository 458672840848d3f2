"""The roots of a run: what joins them, and what a redirect takes the place of."""

from __future__ import annotations

import pytest

from crawler.policy import Scope
from crawler.rules.roots import roots_after, same_site


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("https://e.org/", "http://e.org/", True),
        ("https://www.e.org/a", "http://e.org/", True),
        ("https://shop.e.co.uk:8443/", "http://e.co.uk/", True),
        ("https://other.co.uk/", "http://e.co.uk/", False),
        ("https://b.github.io/", "http://a.github.io/", False),
        ("https://platform.example/club", "http://club.example/", False),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8000/", False),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/", True),
        ("https://127.0.0.1/", "http://127.0.0.1/", True),
        ("http://10.0.0.1/", "http://127.0.0.1/", False),
        ("http://[::1]:81/", "http://[::1]:80/", False),
        ("http://localhost:1/", "http://localhost:2/", False),
    ],
)
def test_a_site_is_what_somebody_registered(url: str, other: str, same: bool) -> None:
    assert same_site(url, [other]) is same


@pytest.mark.parametrize("scope", [Scope.HOST, Scope.DOMAIN, Scope.PAGE])
def test_where_a_start_url_leads_on_its_site_joins_the_roots(scope: Scope) -> None:
    roots = ["http://e.org/"]
    assert roots_after(scope, roots, roots[0], "https://www.e.org/") == [*roots, "https://www.e.org/"]
    assert roots_after(scope, roots, roots[0], "https://elsewhere.test/") == roots
    assert roots_after(scope, roots, roots[0], roots[0]) == roots


@pytest.mark.parametrize(
    ("start", "target", "roots"),
    [
        ("http://e.org/docs", "http://e.org/docs/", ["http://e.org/docs/"]),
        ("http://e.org/guide", "http://e.org/docs/", ["http://e.org/docs/"]),
        ("http://e.org/docs/", "https://e.org/docs/", ["http://e.org/docs/", "https://e.org/docs/"]),
        ("http://e.org/docs/", "http://e.org/docs/v2/", ["http://e.org/docs/", "http://e.org/docs/v2/"]),
        ("http://e.org/docs", "http://elsewhere.test/", ["http://e.org/docs"]),
    ],
)
def test_a_prefix_is_measured_from_where_a_start_url_leads(start: str, target: str, roots: list[str]) -> None:
    assert roots_after(Scope.PREFIX, [start], start, target) == roots
