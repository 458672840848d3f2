"""The entry: an offer of a list as a collection of its own pages, and where its items lead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from crawler.collections import Collection, Field
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.listings.address_patterns import alike, pattern_of, patterns_of_list
from crawler.reading.listings.next_rule import next_rule
from crawler.reading.record import Value
from crawler.rules.urls import BadUrl, host_of, registrable_domain, resolve

LINKS = 50  # addresses of items that are kept
LEAST = 2  # items with pages of their own
BESIDE = 500  # other links of the page that are compared with a pattern
KEYED = 0.9  # of the records have a field that may be their key
_TITLES = frozenset(("title", "name", "headline"))
_PICTURES = re.compile(r"(?:^|_)(?:image|img|src|logo|photo|thumbnail)(?:_|$)")
_FILES = re.compile(r"\.(?:jpe?g|png|webp|gif|svg|avif|pdf|zip)(?:\?.*)?$", re.IGNORECASE)
_CODE = re.compile(r"(?=.*[0-9])\S{2,40}")

Values = Mapping[str, Value]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A list whose items have pages of their own."""

    field: str  # of an item: the address of its page
    links: list[str]  # such addresses, in the order of the list
    pages: list[str] = []  # patterns of them; empty where none tells them from the list
    codes: list[str] = []  # fields that tell an item from all others, as numbers of the site's own do


def listing_of(document: Document, collection: Collection) -> tuple[Collection, Listing | None]:
    """The collection of a list's own pages, and where its items lead; that is None if they lead nowhere.

    A collection of one record a page stays as it is, as does one of a list whose pages cannot be told.
    """
    if collection.items is None or not document.url:
        return collection, None
    values = [record.values for record in compile_collections((collection,)).read(document)]
    following = next_rule(document)
    next_page = following[1] if following else ""
    listing = _listing(document, collection, values, next_page)
    if not following and not (listing and listing.pages):
        return collection, listing
    pages = patterns_of_list(document.url, next_page, listing.links if listing else ())
    key = collection.key or ((listing.field,) if listing and _tells(listing.field, values) else ())
    whole = msgspec.structs.replace(
        collection,
        pages=pages,
        next=following[0] if following else None,
        key=key,
        fields=with_required(collection.fields, key),
    )
    return whole, listing


def with_required(fields: Sequence[Field], key: Sequence[str]) -> tuple[Field, ...]:
    """Fields of which the key and the title are required: a record without them is none."""
    names = _TITLES | set(key)
    return tuple(
        msgspec.structs.replace(each, required=True) if each.name in names else each for each in fields
    )


def _listing(
    document: Document, collection: Collection, values: Sequence[Values], next_page: str
) -> Listing | None:
    apart = [document.url, *([next_page] if next_page else [])]
    candidates = [
        (links, field.name)
        for field in collection.fields
        if field.type == "url" and not field.many and not _PICTURES.search(field.name)
        if len(links := _item_links(field.name, values, apart)) >= max(LEAST, len(values) / 2)
    ]
    if not candidates:
        return None
    links, name = max(candidates, key=lambda pair: len(pair[0]))
    codes = [each.name for each in collection.fields if each.type == "text" and _is_code(each.name, values)]
    pattern = pattern_of(links, apart, _beside(document, links))
    return Listing(field=name, links=links[:LINKS], pages=[pattern] if pattern else [], codes=codes)


def _item_links(name: str, values: Sequence[Values], apart: Sequence[str]) -> list[str]:
    """The addresses of a field that are pages of the same site, without those of advertisements."""
    domain = registrable_domain(host_of(apart[0]))
    links = alike(
        value
        for record in values
        if isinstance(value := record.get(name), str) and value.startswith(("http://", "https://"))
    )
    return [
        link
        for link in links
        if link not in apart and not _FILES.search(link) and registrable_domain(host_of(link)) == domain
    ]


def _beside(document: Document, links: Sequence[str]) -> list[str]:
    """Other links of the page."""
    beside: dict[str, None] = {}
    for href in list(document.hrefs)[:BESIDE]:
        try:
            beside[resolve(href, document.url)] = None
        except BadUrl:
            continue
    return [link for link in beside if link not in set(links)]


def _tells(name: str, values: Sequence[Values]) -> bool:
    """Whether a field tells the records apart."""
    filled = [str(record[name]) for record in values if record.get(name)]
    return len(filled) >= KEYED * len(values) and len(set(filled)) == len(filled)


def _is_code(name: str, values: Sequence[Values]) -> bool:
    texts = [str(record[name]) for record in values if record.get(name)]
    return _tells(name, values) and all(map(_CODE.fullmatch, texts))
