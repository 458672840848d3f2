"""One sitemap or feed: its entries as outlinks with their dates. Pure, like :mod:`pipelines.parse.page`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from crawler.outlinks import Outlink
from crawler.reading.sitemaps import Sitemap, SitemapEntry, read_sitemap
from crawler.rules.urls import host_of, registrable_domain
from pipelines.handover import Fetched, Links, Parsed
from pipelines.parse.page import PageRules

_CENTURIES = (0.0, 4_102_444_800.0)  # 1970 to 2100: any other date is a mistake


def parse_sitemap(body: bytes, fetched: Fetched, rules: PageRules) -> Parsed:
    """Read a sitemap. Its pages must be in scope; the sitemaps of an index on its own domain or on a root's.

    https://www.sitemaps.org/protocol.html#location allows an index its own site only.
    """
    sitemap = read_sitemap(body, fetched.url)
    links = rules.links.split_found(_pages(sitemap, rules))
    return Parsed(
        visit_id=fetched.visit_id,
        warnings=sitemap.warnings,
        outlinks=Links.of([*links.inside, *_sitemaps(sitemap, fetched.url, rules)]),
        out_of_scope=links.outside,
        out_of_scope_sample=tuple(links.sample),
    )


def _pages(sitemap: Sitemap, rules: PageRules) -> Iterator[Outlink]:
    for entry in sitemap.entries:
        if not entry.is_sitemap:
            yield msgspec.structs.replace(rules.keys.link(entry.url), lastmod=_lastmod(entry))


def _sitemaps(sitemap: Sitemap, url: str, rules: PageRules) -> Iterator[Outlink]:
    domains = rules.domains | {registrable_domain(host_of(url))}
    for entry in sitemap.entries:
        if entry.is_sitemap and registrable_domain(host_of(entry.url)) in domains:
            yield rules.keys.sitemap(entry.url)


def _lastmod(entry: SitemapEntry) -> float | None:
    first, last = _CENTURIES
    return entry.lastmod if entry.lastmod is not None and first <= entry.lastmod < last else None
