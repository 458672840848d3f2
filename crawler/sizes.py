"""Sizes that a protocol gives, for the modules that fetch and those that read."""

from __future__ import annotations

ROBOTS_BYTES = 500 * 1024  # of robots.txt: RFC 9309 section 2.5, at least 500 KiB are parsed
SITEMAP_BYTES = 50 * 1024 * 1024  # of one sitemap, unpacked: https://www.sitemaps.org/protocol.html
