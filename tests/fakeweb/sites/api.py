"""A JSON API of books. Traps: deleted entries among the data, amounts in cents, an envelope that changes its
shape, null beside missing, a media type that says plain text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.fakeweb.sites.facts import PEOPLE, Money, changes, day_of, dice_of, name_of
from tests.fakeweb.sites.site import Design, Fact, FactSite, Paging

_LISTS, _ITEMS = ["*/list*", "*/picks"], ["*/item/*"]
JSON = "application/json"


@dataclass(frozen=True)
class Book(Fact):
    """A book."""

    number: int
    title: str
    authors: tuple[str, ...]
    price: Money | None
    stock: int
    day: date
    formats: tuple[str, ...]

    @property
    def isbn(self) -> str:
        return f"979-0-{self.number + 1:06}"

    @property
    def slug(self) -> str:
        return self.isbn


def _flat(book: Book) -> dict[str, Any]:
    return {
        "isbn": book.isbn, "title": book.title, "authors": list(book.authors),
        "price": book.price and f"{book.price.plain} {book.price.currency}", "stock": book.stock,
        "published": book.day.isoformat(), "url": book.path, "deleted": False,
        "formats": [{"name": name, "pages": 100 + len(name)} for name in book.formats],
    }  # fmt: skip


def _flat_list(books: Sequence[Book], paging: Paging) -> str:
    entries = [_flat(book) for book in books]
    entries.insert(1, {"isbn": "979-0-999999", "title": "Withdrawn", "deleted": True})
    return _json({"page": paging.page, "pages": paging.pages, "next": paging.next, "data": entries})


def _flat_item(book: Book, others: Sequence[Book]) -> str:
    return _json({"data": _flat(book), "see_also": [_flat(other) for other in others]})


_A: list[dict[str, Any]] = [
    {
        "name": "books", "pages": _LISTS, "items": {"json": "data[?!deleted]"}, "key": ["isbn"],
        "next": {"json": "next"},
        "fields": [
            {"name": "isbn", "json": "isbn", "required": True},
            {"name": "title", "json": "title", "required": True},
            {"name": "price", "json": "price", "type": "money", "locale": "en"},
            {"name": "stock", "json": "stock", "type": "number"},
            {"name": "url", "json": "url", "type": "url"},
        ],
    },
    {
        "name": "book", "pages": _ITEMS, "key": ["isbn"],
        "fields": [
            {"name": "isbn", "json": "data.isbn", "required": True},
            {"name": "title", "json": "data.title", "required": True},
            {"name": "authors", "json": "data.authors[]", "many": True},
            {"name": "price", "json": "data.price", "type": "money", "locale": "en"},
            {"name": "published", "json": "data.published", "type": "date"},
            {"name": "formats", "json": "data.formats[]", "many": True, "fields": [
                {"name": "name", "json": "name"}, {"name": "pages", "json": "pages", "type": "number"}]},
        ],
    },
]  # fmt: skip


def _nested(book: Book) -> dict[str, Any]:
    attributes = {
        "name": book.title, "by": [{"person": author} for author in book.authors],
        "available": str(book.stock),
        "date": book.day.isoformat(), "variants": {name: 100 + len(name) for name in book.formats},
        "editions": [{"kind": name, "length": f"{100 + len(name)}"} for name in book.formats],
    }  # fmt: skip
    if book.price:
        attributes["cost"] = {"value": book.price.plain, "unit": book.price.currency}
    return {"type": "book", "id": book.isbn, "attributes": attributes, "links": {"self": book.path}}


def _nested_list(books: Sequence[Book], paging: Paging) -> str:
    entries: list[dict[str, Any]] = [_nested(book) for book in books]
    entries.append({"type": "advert", "id": "A-1", "attributes": {"name": "Buy a lamp"}})
    return _json({"links": {"next": paging.next}, "data": entries, "meta": {"total": len(books)}})


def _nested_item(book: Book, others: Sequence[Book]) -> str:
    return _json({"included": [_nested(other) for other in others], "data": _nested(book)})


_COST = "cost && join(' ', [cost.value, cost.unit])"
_B: list[dict[str, Any]] = [
    {
        "name": "books", "pages": _LISTS, "items": {"json": "data[?type=='book']"}, "key": ["isbn"],
        "next": {"json": "links.next"},
        "fields": [
            {"name": "isbn", "json": "id", "required": True},
            {"name": "title", "json": "attributes.name", "required": True},
            {"name": "price", "json": f"attributes | {_COST}",
             "type": "money", "locale": "en"},
            {"name": "stock", "json": "attributes.available", "type": "number"},
            {"name": "url", "json": "links.self", "type": "url"},
        ],
    },
    {
        "name": "book", "pages": _ITEMS, "key": ["isbn"],
        "fields": [
            {"name": "isbn", "json": "data.id", "required": True},
            {"name": "title", "json": "data.attributes.name", "required": True},
            {"name": "authors", "json": "data.attributes.by[].person", "many": True},
            {"name": "price", "json": f"data.attributes | {_COST}", "type": "money", "locale": "en"},
            {"name": "published", "json": "data.attributes.date", "type": "date"},
            {"name": "formats", "json": "data.attributes.editions[]", "many": True, "fields": [
                {"name": "name", "json": "kind"}, {"name": "pages", "json": "length", "type": "number"}]},
        ],
    },
]  # fmt: skip


def _node(book: Book) -> dict[str, Any]:
    return {
        "isbn13": book.isbn, "titles": {"main": book.title, "short": book.title[:8]},
        "contributors": [{"role": "editor", "name": "Nobody"}]
        + [{"role": "author", "name": author} for author in book.authors],
        "offer": {"text": "out of print" if book.price is None else f"{book.price.english}"},
        "left": {"shelf": 1, "total": book.stock}, "released": f"{book.day.isoformat()}T00:00:00Z",
        "href": book.path, "bindings": [[name, 100 + len(name)] for name in book.formats],
    }  # fmt: skip


def _node_list(books: Sequence[Book], paging: Paging) -> str:
    edges = [{"cursor": str(at), "node": _node(book)} for at, book in enumerate(books)]
    info = {"hasNextPage": paging.next is not None, "endCursor": paging.next}
    return _json({"errors": [], "data": {"catalogue": {"books": {"edges": edges, "pageInfo": info}}}})


def _node_item(book: Book, others: Sequence[Book]) -> str:
    beside = [{"node": _node(other)} for other in others]
    return _json({"data": {"catalogue": {"similar": beside, "book": _node(book)}}})


_AUTHORS = "contributors[?role=='author'].name"
_BOOK = "data.catalogue.book"
_C: list[dict[str, Any]] = [
    {
        "name": "books", "pages": _LISTS, "items": {"json": "data.catalogue.books.edges[].node"},
        "key": ["isbn"],
        "next": {"json": "data.catalogue.books.pageInfo.endCursor"},
        "fields": [
            {"name": "isbn", "json": "isbn13", "required": True},
            {"name": "title", "json": "titles.main", "required": True},
            {"name": "price", "json": "offer.text", "type": "money", "locale": "en"},
            {"name": "stock", "json": "left.total", "type": "number"},
            {"name": "url", "json": "href", "type": "url"},
        ],
    },
    {
        "name": "book", "pages": _ITEMS, "key": ["isbn"],
        "fields": [
            {"name": "isbn", "json": f"{_BOOK}.isbn13", "required": True},
            {"name": "title", "json": f"{_BOOK}.titles.main", "required": True},
            {"name": "authors", "json": f"{_BOOK}.{_AUTHORS}", "many": True},
            {"name": "price", "json": f"{_BOOK}.offer.text", "type": "money", "locale": "en"},
            {"name": "published", "json": f"{_BOOK}.released", "type": "date"},
            {"name": "formats", "json": f"{_BOOK}.bindings", "many": True, "fields": [
                {"name": "name", "json": "[0]"}, {"name": "pages", "json": "[1]", "type": "number"}]},
        ],
    },
]  # fmt: skip


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


@dataclass
class Api(FactSite[Book]):
    """Books, in pages of data and one by one."""

    name = "api"
    designs = {
        "a": Design(_flat_list, _flat_item, _A, media_type=JSON),
        "b": Design(_nested_list, _nested_item, _B, backwards=True, media_type="application/vnd.api+json"),
        "c": Design(_node_list, _node_item, _C, media_type="text/plain; charset=utf-8"),
    }

    def fact(self, number: int, revision: int) -> Book:
        dice = dice_of("api", number, changes(number, revision))
        fixed = dice_of("api", number)
        return Book(
            number=number,
            title=f"The {name_of(number)}",
            authors=tuple(fixed.sample(PEOPLE, number % 3 + 1)),
            price=Money(dice.randint(499, 150_000)) if number % 9 != 4 else None,
            stock=dice.randint(0, 400),
            day=day_of(number),
            formats=tuple(fixed.sample(("paper", "hardcover", "ebook"), number % 4)),
        )

    def list_values(self, fact: Book) -> dict[str, Any]:
        return {
            "isbn": fact.isbn,
            "title": fact.title,
            "price": fact.price and fact.price.value,
            "stock": fact.stock,
            "url": self.base + fact.path,
        }

    def item_values(self, fact: Book) -> dict[str, Any]:
        return {
            "isbn": fact.isbn,
            "title": fact.title,
            "authors": list(fact.authors),
            "price": fact.price and fact.price.value,
            "published": fact.day.isoformat(),
            "formats": [{"name": name, "pages": 100 + len(name)} for name in fact.formats],
        }
