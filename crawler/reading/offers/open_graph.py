"""Offers from OpenGraph: what a page says to be shown where people share it. One record a page."""

from __future__ import annotations

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.offers.guess import field_name, plural
from crawler.reading.offers.offer import Offer, Seen, build

KIND = "og"
_TELLING = frozenset(("article", "product", "book", "profile", "video", "music", "place"))


def open_graph_offers(document: Document) -> list[Offer]:
    """One offer, if the page says more than a title; better when its type is not just ``website``."""
    values = {name: text for name, text in _values(document).items() if text.strip()}
    if len(values) < 2:
        return []
    kind = values.get("type", "").partition(".")[0].partition(":")[0]
    telling = kind in _TELLING
    seen = [
        Seen(field_name(name.replace(":", "_")), Rule(KIND, name), [text]) for name, text in values.items()
    ]
    name = plural(field_name(kind)) if telling else "pages"
    built = build(name, "OpenGraph says so", seen, worth=88.0 if telling else 5.0)
    return [] if built is None else [built]


def _values(document: Document) -> dict[str, str]:
    return {} if document.tree is None else dict(document.tree.opengraph())
