"""The links of a tried page: which a crawl would follow, and why not the others."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.policy import CrawlPolicy, Scope
from crawler.reading.document import Document
from crawler.rules.keys import Keys
from crawler.rules.robots import Robots
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import BadUrl, in_page_encoding, origin_of, resolve, without_credentials
from pipelines.trying.trial import Links, Order, Refused

SHOWN = 500  # links of each kind
LENGTH = 1_000  # characters of an address
ROBOTS_FORBIDS = "robots.txt forbids it"
_BEYOND = {
    Scope.PAGE: "only the start URLs themselves are crawled",
    Scope.PREFIX: "it is not below the folder of a start URL",
    Scope.HOST: "it is on another host",
    Scope.DOMAIN: "it is on another domain",
}


def split_links(document: Document, base: str, policy: CrawlPolicy, order: Order, *, nofollow: bool) -> Links:
    """The links of a document that are followed, and those that are not, each with its reason."""
    judge = _Judge(policy, order)
    followed: dict[str, None] = {}
    refused: dict[str, str] = {}
    for href, is_nofollow in _hrefs(document):
        written = (
            href if document.link_encoding == "utf-8" else in_page_encoding(href, document.link_encoding)
        )
        try:
            url = without_credentials(resolve(written, base))
        except BadUrl as error:
            refused.setdefault(href[:LENGTH], f"it cannot be requested: {error}")
            continue
        if judge.is_new(url):
            reason = judge.refusal(url, nofollow=nofollow or is_nofollow)
            if reason:
                refused.setdefault(url[:LENGTH], reason)
            else:
                followed[url[:LENGTH]] = None
    more = max(0, len(followed) - SHOWN) + max(0, len(refused) - SHOWN)
    return Links(
        followed=list(followed)[:SHOWN],
        refused=[Refused(url, reason) for url, reason in list(refused.items())[:SHOWN]],
        left_out=more,
    )


def _hrefs(document: Document) -> Iterator[tuple[str, bool]]:
    for hrefs, nofollow in ((document.hrefs, False), (document.nofollow_hrefs, True)):
        for href in hrefs:
            yield href, nofollow


class _Judge:
    """Says of each link why a crawl would not follow it."""

    def __init__(self, policy: CrawlPolicy, order: Order) -> None:
        self._policy = policy
        self._agent = order.user_agent
        self._keys = Keys.of(policy)
        roots = [*policy.start_urls, order.url, order.final_url]
        self._scope = ScopeRules(policy, roots)
        self._robots = {origin: Robots.from_response(*read) for origin, read in order.robots.items()}
        self._seen: set[str] = set()

    def is_new(self, url: str) -> bool:
        """Whether no other spelling of a URL was seen before."""
        key = self._keys.canonical(url)
        new = key not in self._seen
        self._seen.add(key)
        return new

    def refusal(self, url: str, *, nofollow: bool) -> str:
        """Why a URL is not followed, for people; empty if it is."""
        if nofollow and self._policy.obey_robots:
            return "the page asks not to follow it (nofollow)"
        if self._policy.max_depth == 0:
            return "no links are followed (0 links deep)"
        if self._scope.problem:
            return self._scope.problem
        if self._scope.excludes(url):
            return "a pattern of 'No pages that match' leaves it out"
        if not self._scope.covers(url):
            return self._beyond(url)
        if self._policy.max_url_length and len(url) > self._policy.max_url_length:
            return f"its address is longer than {self._policy.max_url_length:,} characters"
        rules = self._robots.get(origin_of(url))
        if self._policy.obey_robots and rules is not None and not rules.allowed(url, self._agent):
            return f"{ROBOTS_FORBIDS}: {rules.rule(url, self._agent)}"
        return ""

    def _beyond(self, url: str) -> str:
        """Why a URL is not in scope: too far away, or no pattern matches."""
        reach = _BEYOND[self._policy.scope]
        return f"{reach}, or no pattern of 'Only pages that match' matches" if self._policy.include else reach
