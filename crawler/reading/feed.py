"""RSS 0.9 to 2.0 and Atom (RFC 4287) as data: a title, a link, and entries with the same names for both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

from crawler.reading.text import fold, storable

_ROOTS = frozenset(("rss", "feed", "RDF"))
_ENTRIES = frozenset(("item", "entry"))
_NAMES = {
    "id": ("id", "guid"),
    "title": ("title",),
    "published": ("published", "pubDate", "date", "issued"),
    "updated": ("updated", "modified"),
    "author": ("author", "creator"),
    "summary": ("summary", "description"),
    "content": ("content", "encoded"),
}
_DATES = frozenset(("published", "updated"))


def read_feed(root: etree._Element) -> dict[str, Any] | None:
    """``{"title", "link", "entries": […]}``; None if this is no feed.

    An entry has ``id``, ``title``, ``link``, ``published`` and ``updated`` (ISO 8601, or as written),
    ``author``, ``summary``, ``content`` (HTML as text) and ``categories``; what it does not say is null.
    """
    if _local(root) not in _ROOTS:
        return None
    channel = next((child for child in root if _local(child) == "channel"), root)
    entries = [_entry(element) for element in root.iter("{*}*") if _local(element) in _ENTRIES]
    return {"title": _first(channel, ("title",)), "link": _link(channel), "entries": entries}


def _entry(element: etree._Element) -> dict[str, Any]:
    entry: dict[str, Any] = {name: _first(element, tags) for name, tags in _NAMES.items()}
    entry |= {name: _date(entry[name]) for name in _DATES}
    entry["link"] = _link(element)
    entry["categories"] = list(_categories(element))
    return entry


def _first(parent: etree._Element, tags: tuple[str, ...]) -> str | None:
    """The text of the first child of the first of these names that has one."""
    for tag in tags:
        for child in parent:
            if _local(child) == tag and (text := _text(child)):
                return text
    return None


def _text(element: etree._Element) -> str:
    """The whole text: of an author of Atom its name comes first, of XHTML content no tag."""
    if (name := next((child for child in element if _local(child) == "name"), None)) is not None:
        element = name
    return storable("".join(element.itertext())).strip()


def _link(parent: etree._Element) -> str | None:
    """The page that this is about: the text of RSS's link, Atom's without a relation or an alternate."""
    for child in parent:
        is_page = _local(child) == "link" and child.get("rel", "alternate") == "alternate"
        if is_page and (address := fold(child.get("href") or child.text or "")):
            return address
    guid = next((child for child in parent if _local(child) == "guid"), None)
    is_address = guid is not None and guid.get("isPermaLink", "true") == "true"
    address = _text(guid) if guid is not None and is_address else ""
    return address if address.startswith(("http://", "https://")) else None


def _categories(parent: etree._Element) -> Iterator[str]:
    for child in parent:
        if _local(child) in {"category", "subject"} and (word := fold(child.get("term") or child.text or "")):
            yield word


def _date(written: str | None) -> str | None:
    """RSS's dates (RFC 5322) in ISO 8601, as Atom's are; what is neither stays as it is."""
    try:
        moment = parsedate_to_datetime(written or "")
    except (ValueError, OverflowError, TypeError, IndexError):
        return written
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _local(element: etree._Element) -> str:
    """The name without its namespace; a prefix that nothing declares stays."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
