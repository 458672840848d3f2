"""The XML of sitemaps and feeds: which addresses and dates it lists, read as events without a tree.

No entity is ever looked up: those that a file declares, and each ``&`` that should have been ``&amp;``, are
plain text. Damage is skipped as libxml2 recovers from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice

from lxml import etree

MAX_URLS = 50_000  # in one file
MAX_ELEMENTS = 40 * MAX_URLS  # of XML: limits the time for a file that is only tags
MAX_TEXT = 10_000  # characters of one element that are kept

_CHUNK = 65_536


class SitemapKind(StrEnum):
    """What a file turned out to be. The entries of an index are sitemaps, all others are pages."""

    URLSET = "urlset"
    INDEX = "index"
    FEED = "feed"
    TEXT = "text"
    UNKNOWN = "unknown"


_ROOTS = {
    "urlset": (SitemapKind.URLSET, ("url",)),
    "sitemapindex": (SitemapKind.INDEX, ("sitemap",)),
    "rss": (SitemapKind.FEED, ("item",)),
    "rdf": (SitemapKind.FEED, ("item",)),  # RSS 1.0
    "feed": (SitemapKind.FEED, ("entry",)),  # Atom, RFC 4287
}
"""The kind of a file by its root element, and the elements in it that are entries."""

_ADDRESSES = ("loc", "link", "guid")  # best first
_DATES = ("lastmod", "updated", "pubdate", "date", "published")
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"

_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:amp|lt|gt|quot|apos);|&(?!#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};)", re.DOTALL
)
_NUMBERS = {
    b"&": b"&#38;",
    b"&amp;": b"&#38;",
    b"&lt;": b"&#60;",
    b"&gt;": b"&#62;",
    b"&quot;": b"&#34;",
    b"&apos;": b"&#39;",
}

Listed = tuple[str, str]  # a URL and a date as written


class _Enough(Exception):
    """Ends the parsing of a file when no more of it is needed."""


class Collector:
    """Picks addresses and dates out of the events of lxml's parser.

    Only the children of an entry count. What is below them may be pictures, videos or alternates.
    """

    def __init__(self) -> None:
        self.kind = SitemapKind.UNKNOWN
        self.root = ""
        self.base = ""  # xml:base of the root
        self.listed: list[Listed] = []
        self.elements = 0
        self._entry_names: tuple[str, ...] = ()
        self._entry: dict[str, str] | None = None
        self._depth = 0  # of the current element within the entry
        self._text: list[str] = []
        self._room = 0  # for more text, in characters

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS or len(self.listed) > MAX_URLS:
            raise _Enough
        name = _local(tag)
        if not self.root:
            self._read_root(name, attributes)
        elif name in self._entry_names:
            self.close()
            self._entry = {}
        elif self._entry is not None:
            self._depth += 1
            self._open_child(self._entry, name, attributes)

    def data(self, text: str) -> None:
        if self._depth == 1 and self._room > 0:
            self._text.append(text[: self._room])
            self._room -= len(text)

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name in self._entry_names:
            self.close()
        elif self._entry is not None:
            if self._depth == 1 and (text := "".join(self._text).strip()):
                self._entry.setdefault(name, text)
            self._depth -= 1

    def close(self) -> None:
        """Keep what the current entry named, even if the entry is never closed."""
        entry, self._entry, self._depth = self._entry or {}, None, 0
        if address := _first(entry, _ADDRESSES):
            self.listed.append((address, _first(entry, _DATES)))

    def _read_root(self, name: str, attributes: Mapping[str, str]) -> None:
        self.root = name
        if name not in _ROOTS:
            raise _Enough
        self.kind, self._entry_names = _ROOTS[name]
        self.base = attributes.get(_XML_BASE, "")

    def _open_child(self, entry: dict[str, str], name: str, attributes: Mapping[str, str]) -> None:
        if self._depth == 1:
            self._text, self._room = [], MAX_TEXT
            if name == "link" and "href" in attributes and attributes.get("rel", "alternate") == "alternate":
                entry.setdefault(name, attributes["href"])  # Atom, RFC 4287 section 4.2.7


def read_xml(body: bytes, warnings: list[str]) -> Collector:
    """What can be read of an XML file: damage is skipped, as libxml2 recovers from it."""
    collector = Collector()
    parser = etree.XMLParser(  # type: ignore[call-overload]  # its stub asks for methods that are optional
        target=collector, recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    body = _escape_ampersands(body, warnings)
    try:
        for at in range(0, len(body), _CHUNK):
            parser.feed(body[at : at + _CHUNK])
        parser.close()
    except (_Enough, etree.XMLSyntaxError):
        collector.close()
    warnings.extend(_complaints(collector, parser.feed_error_log))
    return collector


def _complaints(collector: Collector, log: Iterable[etree._LogEntry]) -> Iterator[str]:
    """Why a part of a file was not read. Only the first message of the parser: others follow from it."""
    for error in islice(log, 1):
        yield f"Broken XML, line {error.line}: {error.message}"
    if collector.kind is SitemapKind.UNKNOWN:
        yield f"No sitemap or feed: the root element is <{collector.root}>."
    elif collector.elements > MAX_ELEMENTS:
        yield "Too many elements: the rest was left out."


def _escape_ampersands(body: bytes, warnings: list[str]) -> bytes:
    """Write each ``&`` as the number of a character, unless it starts one.

    A bare one is the most common fault of sitemaps: libxml2 would drop the name after it, and change the URL.
    And once a file is not well-formed, libxml2 drops also the entities of XML itself.
    """
    if b"&" not in body or b"\0" in body[:_CHUNK]:  # UTF-16 is left alone
        return body
    bare = False

    def numbered(match: re.Match[bytes]) -> bytes:
        nonlocal bare
        bare = bare or match[0] == b"&"
        return _NUMBERS.get(match[0], match[0])

    escaped = _AMPERSAND.sub(numbered, body)
    if bare:
        warnings.append("Broken XML: a bare & was read as &amp;.")
    return escaped


def _local(tag: str) -> str:
    """An element's name without its namespace: many files name a wrong one."""
    return tag.rpartition("}")[2].lower()


def _first(entry: Mapping[str, str], names: Iterable[str]) -> str:
    return next((entry[name] for name in names if name in entry), "")
