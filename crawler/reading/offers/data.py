"""Offers from data: lists of objects in a JSON document, a table's file, or the scripts of a page.

The items are a path to the list (``{"json": "__NEXT_DATA__.props.items"}``), and paths go on from each entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.offers.guess import field_name, plural, short_name
from crawler.reading.offers.offer import Offer, Seen, build
from crawler.reading.structured.scripts import script_data
from crawler.reading.structured.things import json_ld_values
from crawler.reading.text import fold
from crawler.reading.types import convert

KIND = "json"
LEAST = 3  # entries of a list
READ = 1_000  # entries whose values are compared
OBJECTS = 5_000  # of a document that are looked at
DEPTH, LEVELS = 3, 12  # of properties that become fields; of objects around a list
OFFERS = 3
SHARED = 2  # properties that half of the entries have: of a document
SHARED_OF_SCRIPT = 3  # the same of a script: menus have a text and an address
PROPERTIES = 4  # of a document that is one object: fewer count the pages of a list
WORTH, WORTH_OF_ONE = 50.0, 35.0
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO_NAMES = frozenset(
    ("data", "edges", "nodes", "items", "results", "entries", "list", "rows", "records", "hits", "props")
    + ("page_props", "value", "values", "state", "next_data", "initial_state")
)


class _List(NamedTuple):
    path: tuple[str, ...]
    entries: list[dict[str, Any]]


class _Leaf(NamedTuple):
    text: str
    many: bool
    is_money: bool


def data_offers(document: Document) -> list[Offer]:
    """An offer for each list of objects that have properties in common; those with the most first."""
    if document.data is not None:
        shared, lists = SHARED, list(_lists((), document.data))
    else:
        linked = set(map(id, json_ld_values(document)))
        data = [each for each in script_data(document) if id(each.value) not in linked]
        shared = SHARED_OF_SCRIPT
        lists = [each for name, value in data for each in _lists((name,) if name else (), value)]
    offers = [built for each in lists if (built := _offer(each, shared)) is not None]
    offers = sorted(offers, key=lambda each: each.worth, reverse=True)[:OFFERS]
    return [*offers, *_offer_of_the_whole(document.data)]


def _offer_of_the_whole(data: Any) -> Iterator[Offer]:
    """A document that is one object, as that of an API about one thing."""
    leaves = dict(_leaves(data)) if isinstance(data, dict) else {}
    seen = [_seen(path, list(leaves), [leaves]) for path in leaves]
    if len(seen) >= PROPERTIES and (built := build("pages", "Data of one thing", seen, worth=WORTH_OF_ONE)):
        yield built


def _lists(path: tuple[str, ...], value: Any) -> Iterator[_List]:
    """The lists of objects that stand in no other list, with their paths."""
    todo = [(path, value)]
    for _ in range(OBJECTS):
        if not todo:
            return
        path, value = todo.pop()
        if isinstance(value, list):
            entries = [entry for entry in value if isinstance(entry, dict)]
            if len(entries) >= LEAST and len(entries) == len(value):
                yield _List(path, entries)
        elif isinstance(value, dict) and len(path) < LEVELS:
            todo += [((*path, name), part) for name, part in reversed(value.items())]


def _offer(found: _List, shared: int) -> Offer | None:
    read = [dict(_leaves(entry)) for entry in found.entries[:READ]]
    paths = list(dict.fromkeys(path for leaves in read for path in leaves))
    counts = [sum(path in leaves for leaves in read) for path in paths]
    if sum(count * 2 >= len(read) for count in counts) < shared:
        return None
    seen = [_seen(path, paths, read) for path in paths]
    where = ".".join(map(_written, found.path)) or "@"
    return build(
        _name(found.path),
        f"Data in a list of {len(found.entries):,}: {where}",
        seen,
        items=Rule(KIND, where),
        worth=WORTH + min(len(seen), 10) + min(len(read), 20),
    )


def _seen(path: str, paths: list[str], read: list[dict[str, _Leaf]]) -> Seen:
    leaves = [leaves.get(path) for leaves in read]
    return Seen(
        short_name(path.replace('"', ""), [each.replace('"', "") for each in paths]) or "value",
        Rule(KIND, path),
        [leaf.text if leaf else "" for leaf in leaves],
        many=any(leaf.many for leaf in leaves if leaf),
        type="money" if any(leaf.is_money for leaf in leaves if leaf) else "",
    )


def _leaves(entry: dict[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, _Leaf]]:
    """Paths of properties and what they hold: texts, numbers, lists of these, amounts of money."""
    for name, value in entry.items():
        path = f"{before}{_written(name)}"
        if isinstance(value, dict):
            if amount := _amount(value):
                yield path, _Leaf(amount, many=False, is_money=True)
            elif depth < DEPTH:
                yield from _leaves(value, f"{path}.", depth + 1)
        elif isinstance(value, list):
            texts = [_text(part) for part in value if not isinstance(part, dict | list)]
            if texts and len(texts) == len(value):
                yield path, _Leaf(", ".join(texts), many=True, is_money=False)
        elif value not in (None, ""):
            yield path, _Leaf(_text(value), many=False, is_money=False)


def _text(value: Any) -> str:
    return fold(value) if isinstance(value, str) else json.dumps(value)


def _amount(value: dict[str, Any]) -> str:
    """As ``12.5 EUR``; empty if the object is no amount with a currency."""
    try:
        amount = convert(value, "money", locale="en", zone="", base="")
    except ValueError:
        return ""
    return f"{amount['amount']} {amount['currency']}" if amount["currency"] else ""


def _written(name: str) -> str:
    """A name as a JMESPath has it."""
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)


def _name(path: tuple[str, ...]) -> str:
    names = [name for part in reversed(path) if (name := field_name(part)) and name not in _NO_NAMES]
    return plural(names[0]) if names else "items"
