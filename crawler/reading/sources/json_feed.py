"""JSON Feed (https://jsonfeed.org/version/1.1): the entries of a feed, and links that may be followed."""

from __future__ import annotations

from typing import Any

from crawler.reading.document import MAX_TITLE, Document
from crawler.reading.text import fold

_VERSION = "https://jsonfeed.org/version/"


def add(document: Document) -> None:
    """Add title, links and ``entries`` (as of any feed) to a document whose data is a JSON Feed."""
    feed = document.data
    if not isinstance(feed, dict) or not str(feed.get("version", "")).startswith(_VERSION):
        return
    items = [item for item in _list(feed.get("items")) if isinstance(item, dict)]
    document.title = fold(_text(feed.get("title")))[:MAX_TITLE]
    document.add_links([_text(item.get("url")) or None for item in items])
    document.add_links([_text(feed.get("next_url")) or None])
    document.data = {**feed, "entries": [_entry(item) for item in items]}


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    """An item by the names that entries of every feed have (:mod:`crawler.reading.feed`)."""
    authors = [author.get("name") for author in _list(item.get("authors")) if isinstance(author, dict)]
    return {
        "id": item.get("id"),
        "title": item.get("title"),
        "link": item.get("url") or item.get("external_url"),
        "published": item.get("date_published"),
        "updated": item.get("date_modified"),
        "author": next(iter(authors), None),
        "summary": item.get("summary"),
        "content": item.get("content_html") or item.get("content_text"),
        "categories": _list(item.get("tags")),
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
