"""Keys: what tells the URLs of a seed apart, and the links that carry them."""

from __future__ import annotations

import msgspec

from crawler.outlinks import Outlink, VisitKind
from crawler.policy import CrawlPolicy, Scope
from crawler.rules.traps import over_hosts, templates_of
from crawler.rules.urls import (
    BadUrl,
    canonical_of,
    origin_of,
    resolve,
    url_fingerprint,
    without_credentials,
)


class Keys(msgspec.Struct, frozen=True):
    """Makes the keys of one seed's URLs, which depend on the query parameters that the seed ignores.

    ``ignored`` names query parameters that do not change a page, beside those that
    :mod:`crawler.rules.urls` knows. All URLs must be resolved.
    """

    ignored: tuple[str, ...] = ()
    over_hosts: bool = False  # whether links lead to any host of a domain

    @classmethod
    def of(cls, policy: CrawlPolicy) -> Keys:
        """The keys of a seed's runs."""
        return cls(policy.ignore_params, policy.scope is Scope.DOMAIN)

    def canonical(self, url: str) -> str:
        """The canonical form of a URL; a token behind it stays (:mod:`crawler.seed_requests`)."""
        if "#" not in url:
            return canonical_of(url, self.ignored)
        address, mark, token = url.partition("#")
        return canonical_of(address, self.ignored) + mark + token

    def link(self, url: str) -> Outlink:
        """The link to a URL (a redirect's target, a sitemap's entry), without credentials."""
        url = without_credentials(url)
        return Outlink(url, url_fingerprint(self.canonical(url)), origin_of(url))

    def sitemap(self, url: str) -> Outlink:
        """The link to a sitemap. Its key is not that of the page at this URL, which may be visited too."""
        page = self.link(url)
        key = url_fingerprint(f"sitemap {page.fingerprint}")
        return Outlink(page.url, key, page.origin, VisitKind.SITEMAP)

    def outlink(self, href: str, base: str | None) -> Outlink | None:
        """The link that ``href`` makes on the page ``base``, or None when it cannot be requested."""
        try:
            return self.link(resolve(href, base))
        except BadUrl:
            return None

    def template(self, url: str) -> int:
        """The key of a URL's template, or of its shape if it has none: what learned noise goes by."""
        return next(iter(self.templates(url)))

    def templates(self, url: str) -> dict[int, int]:
        """The keys of a URL's templates, with their patience (see :mod:`crawler.rules.traps`)."""
        return {
            url_fingerprint(over_hosts(text) if self.over_hosts else text): patience
            for text, patience in templates_of(self.canonical(url))
        }
