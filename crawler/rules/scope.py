"""Scope: which URLs belong to a run, measured from its roots (the start URLs and what they redirected to).

A URL is in scope when no exclude pattern matches it and either it is a root, or it is within reach (see
:class:`crawler.policy.Scope`) and, if there are include patterns, one of them matches. So exclude patterns
always win, include patterns narrow, and roots need no include pattern (:mod:`crawler.rules.patterns`).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence

from crawler.policy import CrawlPolicy, Scope
from crawler.rules.keys import Keys
from crawler.rules.patterns import BadPattern, Patterns
from crawler.rules.urls import BadUrl, host_of, origin_of, registrable_domain, resolve

_Test = Callable[[str], bool]


class Reach(enum.StrEnum):
    """Where a URL is, seen from a run's scope; the first two are in it."""

    WITHIN = "within"
    ROOT = "root"  # a start URL, which needs no include pattern
    EXCLUDED = "excluded"  # an exclude pattern matches it
    NOT_INCLUDED = "not_included"  # within reach, but no include pattern matches it
    BEYOND = "beyond"


_WITHIN, _ROOT = Reach.WITHIN, Reach.ROOT


class ScopeRules:
    """The scope of a run, compiled to check every link. URLs must be resolved ones.

    With a pattern that cannot be used (of a row that was written without checks, or by an older release) it
    covers nothing, and ``problem`` is a sentence for people; else that is empty.
    """

    def __init__(self, policy: CrawlPolicy, roots: Sequence[str]) -> None:
        """Roots that are not http(s) URLs are ignored."""
        urls = list(_resolved(roots))
        self._keys = Keys.of(policy)
        self._roots = frozenset(map(self._keys.canonical, urls))
        self._root_origins = frozenset(map(origin_of, urls))
        self._in_reach = _REACH[policy.scope](urls)
        self.problem = ""
        self._included = self._excluded = None
        try:
            self._included = Patterns(policy.include) if policy.include else None
            self._excluded = Patterns(policy.exclude) if policy.exclude else None
        except BadPattern as error:
            self.problem, self._excluded = str(error), Patterns(["*"])

    def covers(self, url: str) -> bool:
        """Whether ``url`` is in scope, whatever token is behind it (:mod:`crawler.seed_requests`)."""
        reach = self.reach(url)
        return reach is _WITHIN or reach is _ROOT

    def reach(self, url: str) -> Reach:
        """Where ``url`` is: in scope, or what shuts it out."""
        if "#" in url:
            url = url.partition("#")[0]
        if self.excludes(url):
            return Reach.EXCLUDED
        reached = self._in_reach(url)
        if reached and (not self._included or self._included.match(url)):
            return _WITHIN
        if self._is_root(url):
            return _ROOT
        return Reach.NOT_INCLUDED if reached else Reach.BEYOND

    def excludes(self, url: str) -> bool:
        """Whether an exclude pattern matches ``url``, which not even a root may have."""
        return self._excluded is not None and self._excluded.match(url)

    def _is_root(self, url: str) -> bool:
        """Checks the origin first: most links that get here have another, and a canonical form costs more."""
        return origin_of(url) in self._root_origins and self._keys.canonical(url) in self._roots


def _resolved(urls: Iterable[str]) -> Iterable[str]:
    for url in urls:
        try:
            yield resolve(url)
        except BadUrl:
            continue


def _page(roots: list[str]) -> _Test:
    """Nothing but the roots, which :meth:`ScopeRules.covers` knows."""
    return lambda url: False


def _prefix(roots: list[str]) -> _Test:
    """Same origin, and a path below the root's last slash."""
    below: dict[str, tuple[str, ...]] = {}
    for root in roots:
        folder = _path_and_query(root).partition("?")[0].rpartition("/")[0] + "/"
        below[origin_of(root)] = (*below.get(origin_of(root), ()), folder)
    return lambda url: _path_and_query(url).startswith(below.get(origin_of(url), ()))


def _host(roots: list[str]) -> _Test:
    """Same host name by http or https, each on its default port; on the root's port if it names one."""
    origins: set[str] = set()
    for root in roots:
        host, origin = host_of(root), origin_of(root)
        port = origin.rpartition(":")[2]
        own = origin not in {f"http://{host}:80", f"https://{host}:443"}
        origins |= {f"http://{host}:{port if own else 80}", f"https://{host}:{port if own else 443}"}
    return lambda url: origin_of(url) in origins


def _domain(roots: list[str]) -> _Test:
    """Same registrable domain by the public suffix list, on any port."""
    domains = {registrable_domain(host_of(root)) for root in roots}
    return lambda url: registrable_domain(host_of(url)) in domains


_REACH: dict[Scope, Callable[[list[str]], _Test]] = {
    Scope.PAGE: _page,
    Scope.PREFIX: _prefix,
    Scope.HOST: _host,
    Scope.DOMAIN: _domain,
}


def _path_and_query(url: str) -> str:
    return url[url.index("/", 8) :]
