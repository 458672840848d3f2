"""Links as they travel: found on a page or in a sitemap, resolved, with the key that tells URLs apart."""

from __future__ import annotations

import enum

import msgspec


class VisitKind(enum.IntEnum):
    """What a visit is after."""

    PAGE = 0
    SITEMAP = 1  # a sitemap or feed: read for the URLs that it lists, never kept as a page


class Outlink(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A link found on a page: ``url`` as resolved (the one to request), its fingerprint, its origin."""

    url: str
    fingerprint: int  # signed 64 bit, see crawler.rules.urls.url_fingerprint
    origin: str  # scheme://host:port, the key of a Host row
    kind: VisitKind = VisitKind.PAGE
    lastmod: float | None = None  # epoch seconds, as a sitemap says
    level: bool = False  # it leads to the next page of a list, which is as deep as the page it is on
