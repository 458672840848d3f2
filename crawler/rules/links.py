"""The links of a run's pages: what each leads to, and whether that is in scope.

Most links stand on many pages of a site, so that what became of one is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from crawler.outlinks import Outlink
from crawler.rules.keys import Keys
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import BadUrl, resolve

SAMPLE = 5  # links out of scope that are kept to be shown
REMEMBERED = 32_768  # links of all runs of a process
LONGEST_REMEMBERED = 300  # characters; longer links would let a hostile page fill the memory


@dataclass(slots=True)
class ScopedLinks:
    """The links in scope, one for each fingerprint in document order, and the number of the others."""

    inside: list[Outlink] = field(default_factory=list)
    outside: int = 0
    sample: list[str] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)

    def add(self, link: Outlink, *, in_scope: bool) -> None:
        """Add a link, unless there is one with its fingerprint."""
        if link.fingerprint in self._seen:
            return
        self._seen.add(link.fingerprint)
        if in_scope:
            self.inside.append(link)
            return
        self.outside += 1
        if len(self.sample) < SAMPLE:
            self.sample.append(link.url)


class _Judged(NamedTuple):
    """What became of a link that can be requested."""

    link: Outlink
    in_scope: bool


_Table = dict[str, _Judged | None]


class _Bases(NamedTuple):
    """What links are resolved against: a page's URL whole, up to its last slash, and up to its first."""

    document: str
    directory: str
    root: str

    def part_for(self, href: str) -> str:
        """The part on which ``href`` depends (WHATWG URL, the base's states in section 4.4)."""
        first = href[:1]
        if first == "/":
            return self.root
        if href.startswith(("https://", "http://")):
            return ""
        if first <= " " or first in "?#" or ":" in href:  # nothing, no path, or perhaps a scheme
            return self.document
        return self.directory


class _Memory:
    """Judged links, by the rules and the base that they depend on. Once it is full, it begins again."""

    def __init__(self) -> None:
        self._tables: dict[tuple[LinkRules, str], _Table] = {}
        self._room = REMEMBERED

    def table(self, rules: LinkRules, base: str) -> _Table:
        return self._tables.setdefault((rules, base), {})

    def remember(self, table: _Table, href: str, judged: _Judged | None) -> None:
        if self._room == 0:
            self._tables.clear()
            self._room = REMEMBERED
        self._room -= 1
        table[href] = judged


_memory = _Memory()


class LinkRules:
    """Judges the links of one run's pages."""

    def __init__(self, keys: Keys, scope: ScopeRules) -> None:
        self._keys = keys
        self._scope = scope
        self.problem = scope.problem  # why no link is in scope, for people; empty when all is well

    def split(self, hrefs: Iterable[str], base: str) -> ScopedLinks:
        """The links that ``hrefs`` make on a page; those that cannot be requested are left out.

        ``base`` is the URL that they are resolved against.
        """
        links = ScopedLinks()
        bases = _bases(base)
        tables = {part: _memory.table(self, part) for part in {"", *bases}}
        for href in hrefs:
            href = _without_fragment(href) if "#" in href else href
            part = bases.part_for(href)
            table = tables[part]
            try:
                judged = table[href]
            except KeyError:
                judged = self._judge(href, part)
                if len(href) <= LONGEST_REMEMBERED:
                    _memory.remember(table, href, judged)
            if judged is not None:
                links.add(judged.link, in_scope=judged.in_scope)
        return links

    def split_found(self, found: Iterable[Outlink]) -> ScopedLinks:
        """The same for links that are resolved already, as the entries of a sitemap are."""
        links = ScopedLinks()
        for link in found:
            links.add(link, in_scope=self._scope.covers(link.url))
        return links

    def _judge(self, href: str, base: str) -> _Judged | None:
        link = self._keys.outlink(href, base or None)
        return None if link is None else _Judged(link, self._scope.covers(link.url))


def _without_fragment(href: str) -> str:
    """Links to the parts of a page are one. White space before a fragment belongs to the link."""
    before = href.partition("#")[0]
    return href if before and before[-1] <= " " else before


@lru_cache(maxsize=1024)
def _bases(base: str) -> _Bases:
    try:
        document = resolve(base)
    except BadUrl:
        return _Bases(base, base, base)
    path = document.partition("?")[0]
    return _Bases(document, path[: path.rindex("/") + 1], path[: path.index("/", 8) + 1])
