"""Offers from JSON-LD (schema.org): what shops, recipes, articles and job boards say to search engines.

A collection of one record a page has full paths (``Product.offers.price``: type, then properties). Where a
page has several things of a type, each is an item (``{"jsonld": "Product"}``), and paths go on from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.offers.guess import field_name, plural, short_name
from crawler.reading.offers.offer import Offer, Seen, build

KIND = "jsonld"
DEPTH = 3  # properties below properties that become fields
WORTH = 100.0
_LEFT_OUT = frozenset(
    [
        "BreadcrumbList",
        "ListItem",
        "WebSite",
        "WebPage",
        "SearchAction",
        "ImageObject",
        "SiteNavigationElement",
        "WPHeader",
        "WPFooter",
        "CollectionPage",
        "ReadAction",
        "Person",
        "EntryPoint",
        "SpeakableSpecification",
        "ItemList",
        "ViewAction",
    ]
)
_LESS = frozenset(
    ["Organization", "LocalBusiness", "Corporation", "NewsMediaOrganization", "Store", "Brand"]
)  # the site's own
_NOT_FIELDS = frozenset(
    (
        "@context",
        "@type",
        "@id",
        "potentialAction",
        "mainEntityOfPage",
        "review",
        "isPartOf",
        "isRelatedTo",
        "isSimilarTo",
    )
)

_PROPERTY = re.compile(r"[A-Za-z]\w{0,59}", re.ASCII)

Thing = Mapping[str, Any]


def json_ld_offers(document: Document) -> list[Offer]:
    """An offer for each type of thing that the document's JSON-LD names."""
    if document.tree is None:
        return []
    by_type: dict[str, list[Thing]] = {}
    for thing in things(document.tree.json_ld()):
        by_type.setdefault(type_name(thing), []).append(thing)
    offers = [_offer(name, each) for name, each in by_type.items() if name and name not in _LEFT_OUT]
    return [each for each in offers if each is not None]


def things(value: Any, depth: int = 0) -> Iterator[Thing]:
    """The things at the top: of lists, of ``@graph``, of the entries of an ``ItemList``."""
    if isinstance(value, list):
        for entry in value:
            yield from things(entry, depth)
    elif isinstance(value, Mapping) and depth < DEPTH:
        yield from things(value.get("@graph", []), depth + 1)
        if type_name(value) == "ItemList":
            yield from things(value.get("itemListElement", []), depth + 1)
        elif type_name(value) == "ListItem":
            yield from things(value.get("item", []), depth + 1)
        elif type_name(value):
            yield value
            yield from things(value.get("mainEntity", []), depth + 1)


def type_name(thing: Thing) -> str:
    """The type without the address of its vocabulary; the first of several."""
    kind = thing.get("@type", "")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    name = kind.rpartition("/")[2].rpartition(":")[2] if isinstance(kind, str) else ""
    return name if _PROPERTY.fullmatch(name) else ""


def _offer(name: str, all_of_it: list[Thing]) -> Offer | None:
    several = len(all_of_it) > 1
    flat = [dict(_leaves(thing)) for thing in all_of_it]
    paths = list(dict.fromkeys(path for texts in flat for path in texts))
    seen = [
        Seen(
            short_name(path, paths),
            Rule(KIND, path if several else f"{name}.{path}"),
            [texts.get(path, ("", False))[0] for texts in flat],
            many=any(texts.get(path, ("", False))[1] for texts in flat),
        )
        for path in sorted(paths, key=_usual_order)
    ]
    worth = WORTH + min(len(seen), 20) - (60 if name in _LESS else 0)
    reason = f"JSON-LD says so: {len(all_of_it)} × {name}" if several else f"JSON-LD says so: {name}"
    items = Rule(KIND, name) if several else None
    return build(plural(field_name(name)), reason, seen, items=items, worth=worth)


def _leaves(thing: Thing, before: str = "", depth: int = 0) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Paths of properties, their texts, and whether that is a list; of a list of things the first counts."""
    for name, value in thing.items():
        if name in _NOT_FIELDS or not _PROPERTY.fullmatch(name):
            continue
        first = value[0] if isinstance(value, list) and value else value
        path = f"{before}{name}"
        if isinstance(first, Mapping):
            if depth + 1 < DEPTH:
                yield from _leaves(first, f"{path}.", depth + 1)
        elif isinstance(first, str | int | float) and not isinstance(first, bool) and first != "":
            several = isinstance(value, list) and len(value) > 1
            yield path, (", ".join(map(str, value)) if several else str(first), several)


_FIRST = (
    *("name", "headline", "title", "sku", "offers.price", "offers.priceCurrency", "offers.availability"),
    *("brand.name", "datePublished", "author.name", "recipeIngredient", "hiringOrganization.name"),
    *("jobLocation.address.addressLocality", "startDate", "url", "image"),
)
_ORDER = {path: position for position, path in enumerate(_FIRST)}


def _usual_order(path: str) -> tuple[int, int]:
    return _ORDER.get(path, len(_ORDER)), path.count(".")
