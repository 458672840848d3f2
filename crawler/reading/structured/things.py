"""Things as schema.org has them, of JSON-LD and microdata: objects with ``@type``, and paths into them.

A path is names of properties with dots between them; lists on the way count with all their entries, ``[0]``
is one of them, and ``[]`` says no more than the name. A first name with a capital letter is a type:
``Product.offers.price``. An object with a currency is an amount of money, and stays an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import turbohtml

from crawler.reading.document import Document
from crawler.reading.structured.lenient_json import load_lenient
from crawler.reading.text import fold

MAX_THINGS = 50_000  # of a document
MAX_SCRIPT = 10_000_000  # characters of all JSON-LD of a document

Thing = dict[str, Any]
_SEGMENT = re.compile(r"([^.\[\]]+)((?:\[\d{0,6}\])*)")
_NAMES = ("@value", "name", "@id", "url")  # what an object is called, where its text is wanted
_HOLDERS = (dict, list)  # values that hold others
_CURRENCIES = frozenset(("currency", "priceCurrency"))  # an object with one is an amount of money


class Path:
    """A path, compiled; ValueError with a sentence for people if it is none."""

    def __init__(self, written: str) -> None:
        parts = [_SEGMENT.fullmatch(part) for part in written.strip().split(".")]
        if not all(parts):
            raise ValueError(f"{written!r} is not a path. Write it like 'Product.offers.price' or 'name'.")
        segments = [(part[1].strip(), _indexes(part[2])) for part in parts if part]
        is_type = segments[0][0][:1].isupper()
        self.type, self._of_type = segments[0] if is_type else ("", [])
        self.names = segments[1:] if is_type else segments

    def values(self, things: list[Thing]) -> list[Any]:
        """What the path leads to from some things, in their order; objects as they are."""
        found: list[Any] = things
        if self.type:
            found = _picked([thing for thing in things if self.type in types_of(thing)], self._of_type)
        for name, indexes in self.names:
            values = [part[name] for part in found if isinstance(part, dict) and name in part]
            found = []
            for value in values:
                found += _picked(value if isinstance(value, list) else [value], indexes)
        return [value for value in found if value is not None][:MAX_THINGS]


def shown(value: Any) -> Any:
    """A value as a field has it: text folded, what an object is called; a number or an amount as it is."""
    while isinstance(value, dict) and not _CURRENCIES & value.keys():
        value = next((value[name] for name in _NAMES if isinstance(value.get(name), str | int | float)), None)
    return fold(value) if isinstance(value, str) else value


def types_of(thing: Thing) -> list[str]:
    """The types of a thing, without the addresses of their vocabularies."""
    kinds = thing.get("@type", ())
    written = kinds if isinstance(kinds, list) else [kinds]
    return [kind if kind.isalnum() else _last_name(kind) for kind in written if isinstance(kind, str)]


def _last_name(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]


def all_things(values: list[Any]) -> list[Thing]:
    """All objects of some values, those that hold others first, in document order."""
    things: list[Thing] = []
    todo = list(reversed(values))
    while todo and len(things) < MAX_THINGS:
        value = todo.pop()
        if isinstance(value, list):
            todo += reversed(value)
        elif isinstance(value, dict):
            things.append(value)
            todo += reversed([part for part in value.values() if isinstance(part, _HOLDERS)])
    return things


def json_ld(document: Document) -> list[Thing]:
    """All things of the document's JSON-LD. What is no JSON is left out."""
    if "jsonld" not in document.derived:
        document.derived["jsonld"] = all_things(json_ld_values(document))
    things: list[Thing] = document.derived["jsonld"]
    return things


def json_ld_values(document: Document) -> list[Any]:
    """The values of the document's scripts of JSON-LD, each as it is written. What is no JSON is left out."""
    if "jsonld values" not in document.derived:
        document.derived["jsonld values"] = list(_json_ld_values(document))
    values: list[Any] = document.derived["jsonld values"]
    return values


def _json_ld_values(document: Document) -> Iterator[Any]:
    left = MAX_SCRIPT
    scripts = document.tree.find_all("script") if document.tree is not None else []
    for script in scripts:
        if (script.attr("type") or "").partition(";")[0].strip().lower() == "application/ld+json":
            text = script.text
            left -= len(text)
            if left < 0:
                return
            try:
                yield load_lenient(text)
            except ValueError:
                continue


def microdata(document: Document) -> list[Thing]:
    """All items of the document's microdata (HTML standard, section 5), as things of JSON-LD."""
    if "microdata" not in document.derived:
        document.derived["microdata"] = all_things(_microdata_values(document))
    things: list[Thing] = document.derived["microdata"]
    return things


def _microdata_values(document: Document) -> list[Any]:
    try:
        items = document.tree.microdata() if document.tree is not None else []
        return [_thing(item) for item in items]
    except RecursionError:  # items that refer to each other in a circle, or are nested too deep
        return []


def _thing(item: turbohtml.MicrodataItem) -> Thing:
    """An item as JSON-LD would have it: a list only where there are several values."""
    thing: Thing = {"@type": _alone((item.type or "").split())}
    if item.id:
        thing["@id"] = fold(item.id)
    for name, values in item.properties.items():
        thing[name] = _alone([fold(value) if isinstance(value, str) else _thing(value) for value in values])
    return thing


def _alone(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _indexes(written: str) -> list[int]:
    return [int(index) for index in written.strip("[]").split("][") if index]


def _picked(values: list[Any], indexes: list[int]) -> list[Any]:
    """The values, or the one that the indexes name, one after the other."""
    for index in indexes:
        values = values[index : index + 1]
        values = values[0] if values and isinstance(values[0], list) else values
    return values
