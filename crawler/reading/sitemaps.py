"""Sitemaps and feeds: from the bytes of one file to the URLs that it lists, even if it is damaged.

XML sitemaps and indexes and text files (https://www.sitemaps.org/protocol.html), RSS and Atom feeds, each
plain or gzipped. Nothing raises: what can be read is returned, and a warning says what cannot.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO, TextIOWrapper

import msgspec

from crawler.reading.sitemap_xml import MAX_URLS, Listed, SitemapKind, find_start, read_xml
from crawler.rules.urls import BadUrl, resolve
from crawler.sizes import SITEMAP_BYTES

_CHUNK = 65_536


class SitemapEntry(msgspec.Struct, frozen=True):
    """A URL as listed, resolved. ``lastmod`` is in epoch seconds, None if not given or not understood.

    An entry of an index ``is_sitemap``, all others are pages.
    """

    url: str
    lastmod: float | None = None
    is_sitemap: bool = False


class Sitemap(msgspec.Struct, frozen=True):
    """What one file lists: each URL once, in the file's order. ``warnings`` are sentences for people."""

    kind: SitemapKind
    entries: tuple[SitemapEntry, ...] = ()
    warnings: tuple[str, ...] = ()


_BEFORE_XML = b"\xef\xbb\xbf\xfe\xff\0 \t\r\n"  # byte order marks and white space
_PARTIAL_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2})?")


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Read a sitemap or feed that was fetched from ``url`` (relative links are resolved against that)."""
    warnings: list[str] = []
    body = _cut(_unpack(body, warnings), warnings)
    start = max(0, find_start(body))
    if start or body.lstrip(_BEFORE_XML).startswith(b"<"):
        content = read_xml(body[start:].lstrip(), url, warnings)
        return Sitemap(content.kind, _entries(content.listed, warnings), tuple(warnings))
    lines = TextIOWrapper(BytesIO(body), "utf-8-sig", "replace")
    entries = _entries((Listed(line) for line in lines if not line.isspace()), warnings)
    if not entries:
        return Sitemap(SitemapKind.UNKNOWN, (), (*warnings, "Neither XML nor a list of URLs."))
    return Sitemap(SitemapKind.TEXT, entries, tuple(warnings))


def _unpack(body: bytes, warnings: list[str]) -> bytes:
    """The file without gzip (RFC 1952); of a damaged file, the part before the damage."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacked = bytearray()
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as file:
            while len(unpacked) <= SITEMAP_BYTES and (chunk := file.read1(_CHUNK)):
                unpacked += chunk
    except (EOFError, OSError, zlib.error) as error:
        warnings.append(f"The gzip file is damaged: {error}")
    return bytes(unpacked)


def _cut(body: bytes, warnings: list[str]) -> bytes:
    if len(body) > SITEMAP_BYTES:
        warnings.append("Larger than 50 MB: the rest was left out.")
    return body[:SITEMAP_BYTES]


def _entries(listed: Iterable[Listed], warnings: list[str]) -> tuple[SitemapEntry, ...]:
    """Resolve the addresses, each URL once, up to the limit."""
    entries: dict[str, SitemapEntry] = {}
    bad = 0
    for entry in listed:
        if len(entries) >= MAX_URLS or bad >= MAX_URLS:
            warnings.append(f"More than {MAX_URLS} entries: the rest was left out.")
            break
        try:
            url = resolve(entry.address, entry.base)
        except BadUrl:
            bad += 1
            continue
        entries.setdefault(url, SitemapEntry(url, _seconds(entry.date), entry.is_sitemap))
    if bad:
        warnings.append(f"Entries that are no http or https URLs: {bad}.")
    return tuple(entries.values())


def _seconds(date: str) -> float | None:
    """Epoch seconds of a W3C date (ISO 8601, or its year alone) or an RFC 5322 one; UTC without a zone."""
    date = date.strip()
    if _PARTIAL_DATE.fullmatch(date):
        date = f"{date}-01-01"[:10]
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(date)
        except (ValueError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None
