"""The XML of sitemaps and feeds: which addresses and dates it lists, read as events without a tree.

No entity is ever looked up: those that a file declares, and each ``&`` that should have been ``&amp;``, are
plain text. Damage is skipped as libxml2 recovers from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from lxml import etree

from crawler.rules.urls import BadUrl, resolve

MAX_URLS = 50_000  # in one file
MAX_ELEMENTS = 40 * MAX_URLS  # of XML: limits the time for a file that is only tags
MAX_TEXT = 10_000  # characters of one element that are kept

_CHUNK = 65_536


class SitemapKind(StrEnum):
    """What a file, or an entry of it, turned out to be."""

    URLSET = "urlset"
    INDEX = "index"
    FEED = "feed"
    TEXT = "text"
    UNKNOWN = "unknown"


_ROOTS = {
    "urlset": SitemapKind.URLSET,
    "sitemapindex": SitemapKind.INDEX,
    "rss": SitemapKind.FEED,
    "rdf": SitemapKind.FEED,  # RSS 1.0
    "feed": SitemapKind.FEED,  # Atom, RFC 4287
}
_ENTRIES = {
    "url": SitemapKind.URLSET,
    "sitemap": SitemapKind.INDEX,
    "item": SitemapKind.FEED,
    "entry": SitemapKind.FEED,
}
"""What each element lists that is an entry, whatever is around it; but a feed has only entries of feeds."""

_ADDRESSES = ("loc", "link", "guid")  # best first
_DATES = ("lastmod", "updated", "pubdate", "date", "published")
_READ = frozenset((*_ADDRESSES, *_DATES))
_OTHERS = frozenset(("image", "video", "source"))  # an address in these is not the entry's
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"

_START = re.compile(rb"<(?:\?xml\s|(?:\w+:)?(?:urlset|sitemapindex|rss|rdf|feed)[\s>])", re.IGNORECASE)
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


class Listed(NamedTuple):
    """An entry as written: its address, what that is relative to, and a date."""

    address: str
    base: str | None = None
    date: str = ""
    is_sitemap: bool = False


class _Entry:
    """What is read of one entry: from its children, and from what is below them.

    That may be about pictures, videos or alternates, so it counts only where the children give no address: in
    a broken file it is what should stand beside them.
    """

    def __init__(self, kind: SitemapKind, namespace: str, base: str) -> None:
        self.kind = kind
        self.base = base
        self.own: dict[str, str] = {}
        self._namespace = namespace
        self._below: dict[str, str] = {}

    def note(self, within: list[str], text: str) -> None:
        """Keep the text of an element, the last of the tags ``within`` the entry."""
        namespace, name = _split(within[-1])
        if len(within) == 1:
            self.own.setdefault(name, text)
        elif namespace == self._namespace and _OTHERS.isdisjoint(_split(tag)[1] for tag in within):
            self._below.setdefault(name, text)

    def listed(self) -> Listed | None:
        """The entry, if it has an address."""
        address = _first(self.own, _ADDRESSES) or _first(self._below, _ADDRESSES)
        if not address:
            return None
        date = _first(self.own, _DATES) or _first(self._below, _DATES)
        return Listed(address, self.base, date, self.kind is SitemapKind.INDEX)


class _Enough(Exception):
    """Ends the parsing of a file when no more of it is needed."""


class Collector:
    """Picks addresses and dates out of the events of lxml's parser, whatever the nesting of the file."""

    def __init__(self, url: str) -> None:
        self.kind = SitemapKind.UNKNOWN
        self.root = ""
        self.listed: list[Listed] = []
        self.elements = 0
        self._base = url  # or the root's xml:base
        self._entry: _Entry | None = None
        self._within: list[str] = []  # tags that are open in the entry
        self._texts: list[list[str] | None] = []  # theirs; None where the text does not matter

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS or len(self.listed) > MAX_URLS:
            raise _Enough
        namespace, name = _split(tag)
        if not self.root or (self.kind is SitemapKind.UNKNOWN and name in _ROOTS):
            self._read_root(name, attributes)
        elif self._is_entry(name):
            self._open(_Entry(_ENTRIES[name], namespace, _joined(self._base, attributes)))
        else:
            if name == "loc" and self._is_alone():
                kind = self.kind if self._entry is None else self._entry.kind
                self._open(_Entry(kind, namespace, self._base))
            self._open_child(tag, name, attributes)

    def data(self, text: str) -> None:
        if self._texts and (texts := self._texts[-1]) is not None:
            texts.append(text)

    def end(self, tag: str) -> None:
        if self._entry is None or not self._within:
            self.close()
            return
        if text := "".join(self._texts.pop() or ()).strip():
            self._entry.note(self._within, text[:MAX_TEXT])
        self._within.pop()

    def close(self) -> None:
        """Keep what the current entry named, even if the entry is never closed."""
        if self._entry is None:
            return
        if (listed := self._entry.listed()) is not None:
            self.listed.append(listed)
            if self.kind is SitemapKind.UNKNOWN:
                self.kind = self._entry.kind
        self._entry, self._within, self._texts = None, [], []

    def _read_root(self, name: str, attributes: Mapping[str, str]) -> None:
        self.root = self.root or name
        self.kind = _ROOTS.get(name, SitemapKind.UNKNOWN)
        self._base = _joined(self._base, attributes)

    def _is_entry(self, name: str) -> bool:
        kind = self.kind if self._entry is None else self._entry.kind
        if name not in _ENTRIES or kind is SitemapKind.UNKNOWN:
            return name in _ENTRIES
        return (kind is SitemapKind.FEED) == (_ENTRIES[name] is SitemapKind.FEED)

    def _is_alone(self) -> bool:
        """Whether an address that begins here is an entry: outside of one, or the second in one."""
        if self._entry is None:
            return self.kind is not SitemapKind.FEED
        return not self._within and "loc" in self._entry.own

    def _open(self, entry: _Entry) -> None:
        self.close()
        self._entry = entry

    def _open_child(self, tag: str, name: str, attributes: Mapping[str, str]) -> None:
        if self._entry is None:
            return
        self._within.append(tag)
        self._texts.append([] if name in _READ else None)
        if name == "link" and "href" in attributes and attributes.get("rel", "alternate") == "alternate":
            base = _joined(self._entry.base, attributes)
            self._entry.note(self._within, _joined(base, attributes, "href"))  # Atom, RFC 4287 section 4.2.7


def read_xml(body: bytes, url: str, warnings: list[str]) -> Collector:
    """What can be read of an XML file from ``url``: damage is skipped, as libxml2 recovers from it."""
    collector = Collector(url)
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


def find_start(body: bytes) -> int:
    """Where the XML begins, behind what a server wrote before it; -1 if there is none."""
    match = _START.search(body, 0, _CHUNK)
    return match.start() if match else -1


def _complaints(collector: Collector, log: Iterable[etree._LogEntry]) -> Iterator[str]:
    """Why a part of a file was not read. Only the first message of the parser: others follow from it."""
    for error in islice(log, 1):
        yield f"Broken XML, line {error.line}: {error.message}"
    if collector.kind is SitemapKind.UNKNOWN:
        yield f"No sitemap or feed: the root element is <{collector.root}>."
    elif not collector.listed:
        yield "It lists no addresses."
    if collector.elements > MAX_ELEMENTS:
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


@lru_cache(maxsize=256)
def _split(tag: str) -> tuple[str, str]:
    """An element's namespace and name. Many files name a wrong namespace, so the name decides."""
    namespace, _, name = tag.rpartition("}")
    return namespace, name.lower()


def _joined(base: str, attributes: Mapping[str, str], name: str = _XML_BASE) -> str:
    """The address in an attribute, resolved. An ``xml:base`` that is missing or none leaves the base."""
    if name not in attributes:
        return base
    # Where no entity is looked up, libxml2 leaves this number as it is written.
    address = attributes[name].replace("&#38;", "&")
    try:
        return resolve(address, base)
    except BadUrl:
        return base if name == _XML_BASE else address


def _first(entry: Mapping[str, str], names: Iterable[str]) -> str:
    return next((entry[name] for name in names if name in entry), "")
