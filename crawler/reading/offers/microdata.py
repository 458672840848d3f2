"""Offers from microdata: elements with ``itemscope``, their types and properties."""

from __future__ import annotations

from collections.abc import Iterator

from turbohtml import MicrodataItem

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.offers.guess import field_name, plural, short_name
from crawler.reading.offers.offer import Offer, Seen, build
from crawler.reading.text import fold

KIND = "microdata"
DEPTH = 3
WORTH = 90.0
_LEFT_OUT = frozenset(
    ("BreadcrumbList", "ListItem", "WebSite", "WebPage", "WPHeader", "WPFooter", "ImageObject")
)
_LESS = frozenset(("Organization", "LocalBusiness", "PostalAddress", "Person", "SiteNavigationElement"))


def microdata_offers(document: Document) -> list[Offer]:
    """An offer for each type of item at the top, or directly within a list of the page."""
    if document.tree is None:
        return []
    by_type: dict[str, list[MicrodataItem]] = {}
    for item in _items(document.tree.microdata()):
        name = (item.type or "").split(" ")[0].rstrip("/").rpartition("/")[2]
        by_type.setdefault(name, []).append(item)
    offers = [_offer(name, each) for name, each in by_type.items() if name and name not in _LEFT_OUT]
    return [each for each in offers if each is not None]


def _items(items: list[MicrodataItem]) -> Iterator[MicrodataItem]:
    """The items; of a list or a page, what it holds."""
    for item in items:
        if (item.type or "").rpartition("/")[2] in {"ItemList", "WebPage", "CollectionPage"}:
            values = [value for each in item.properties.values() for value in each]
            yield from _items([value for value in values if isinstance(value, MicrodataItem)])
        else:
            yield item


def _offer(name: str, items: list[MicrodataItem]) -> Offer | None:
    several = len(items) > 1
    flat = [dict(_leaves(item)) for item in items]
    paths = list(dict.fromkeys(path for texts in flat for path in texts))
    seen = [
        Seen(
            short_name(path, paths),
            Rule(KIND, path if several else f"{name}.{path}"),
            [texts.get(path, ("", False))[0] for texts in flat],
            many=any(texts.get(path, ("", False))[1] for texts in flat),
        )
        for path in paths
    ]
    count = f"{len(items)} × {name}" if several else name
    worth = WORTH + min(len(seen), 20) - (60 if name in _LESS else 0)
    items_rule = Rule(KIND, name) if several else None
    return build(plural(field_name(name)), f"Microdata says so: {count}", seen, items=items_rule, worth=worth)


def _leaves(item: MicrodataItem, before: str = "", depth: int = 0) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Paths of properties, their texts, and whether that is a list; of a list of items the first counts."""
    for name, values in item.properties.items():
        first = values[0] if values else ""
        path = f"{before}{name}"
        if isinstance(first, MicrodataItem):
            if depth + 1 < DEPTH:
                yield from _leaves(first, f"{path}.", depth + 1)
        elif text := ", ".join(fold(value) for value in values if isinstance(value, str)):
            yield path, (text, len(values) > 1)
