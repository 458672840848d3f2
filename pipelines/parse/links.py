"""The links of a page or the entries of a sitemap: those in scope, and the number of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.outlinks import Outlink
from crawler.rules.scope import ScopeRules

SAMPLE = 5  # links out of scope that are kept to be shown


@dataclass(slots=True)
class ScopedLinks:
    """The links in scope, one for each fingerprint in document order, and the number of the others."""

    inside: list[Outlink] = field(default_factory=list)
    outside: int = 0
    sample: list[str] = field(default_factory=list)


def split_by_scope(outlinks: Iterable[Outlink | None], scope: ScopeRules) -> ScopedLinks:
    """Split links into those in scope and the others; None is a link that cannot be requested."""
    links = ScopedLinks()
    seen: set[int] = set()
    for link in outlinks:
        if link is None or link.fingerprint in seen:
            continue
        seen.add(link.fingerprint)
        if scope.covers(link.url):
            links.inside.append(link)
        else:
            links.outside += 1
            if len(links.sample) < SAMPLE:
                links.sample.append(link.url)
    return links
