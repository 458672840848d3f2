"""Keys: what tells the URLs of a seed apart, and the links that carry them."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from crawler.outlinks import Outlink, VisitKind
from crawler.policy import CrawlPolicy
from crawler.rules.traps import template_of
from crawler.rules.urls import (
    BadUrl,
    canonical_of,
    origin_of,
    resolve,
    url_fingerprint,
    without_credentials,
)

_CACHED_LENGTH = 300  # characters; longer links would let a hostile page fill the memory of the link cache


class Keys(msgspec.Struct, frozen=True):
    """Makes the keys of one seed's URLs, which depend on the query parameters that the seed ignores.

    ``ignored`` names query parameters that do not change a page, beside those that
    :mod:`crawler.rules.urls` knows. All URLs must be resolved. A struct, because every link of every page
    hashes it for the cache: a dataclass does that in Python.
    """

    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, policy: CrawlPolicy) -> Keys:
        """The keys of a seed's runs."""
        return cls(policy.ignore_params)

    def canonical(self, url: str) -> str:
        """The canonical form of a URL."""
        return canonical_of(url, self.ignored)

    def link(self, url: str) -> Outlink:
        """The link to a URL (a redirect's target, a sitemap's entry), without credentials."""
        url = without_credentials(url)
        return Outlink(url, url_fingerprint(canonical_of(url, self.ignored)), origin_of(url))

    def sitemap(self, url: str) -> Outlink:
        """The link to a sitemap. Its key is not that of the page at this URL, which may be visited too."""
        page = self.link(url)
        key = url_fingerprint(f"sitemap {page.fingerprint}")
        return Outlink(page.url, key, page.origin, VisitKind.SITEMAP)

    def outlink(self, href: str, base: str) -> Outlink | None:
        """The link that ``href`` makes on the page ``base``, or None when it cannot be requested.

        Links repeat from page to page, so they are cached by what they depend on: themselves alone, or also
        the base's origin, its directory, or all of it.
        """
        if len(href) > _CACHED_LENGTH:
            return _outlink.__wrapped__(href, base, self)
        return _outlink(href, _relevant_base(href, base), self)

    def template(self, url: str) -> int | None:
        """The key of a URL's template (see :mod:`crawler.rules.traps`); None for a URL that has none."""
        template = template_of(self.canonical(url))
        return None if template is None else url_fingerprint(template)


@lru_cache(maxsize=32768)
def _outlink(href: str, base: str | None, keys: Keys) -> Outlink | None:
    try:
        url = resolve(href, base)
    except BadUrl:
        return None
    return keys.link(url)


def _relevant_base(href: str, base: str) -> str | None:
    """The part of ``base`` on which ``href`` depends (the base's states, WHATWG URL section 4.4)."""
    if href.startswith(("https://", "http://")):
        return None
    document, directory, root = _bases(base)
    first = href[:1]
    if first <= " " or first in "?#" or ":" in href:  # nothing, a query, or perhaps a scheme
        return document
    return root if first == "/" else directory


@lru_cache(maxsize=1024)
def _bases(base: str) -> tuple[str, str, str]:
    """A base URL whole, up to its last slash, and up to its first."""
    try:
        document = resolve(base)
    except BadUrl:
        return base, base, base
    path = document.partition("?")[0]
    return document, path[: path.rindex("/") + 1], path[: path.index("/", 8) + 1]
