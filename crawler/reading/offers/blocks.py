"""Offers from blocks that repeat: the products of a list, the jobs of a board, the articles of a front page.

Elements that share a class, or the place below one parent, are a list if their parts are alike: a text that
differs from one to the next, and beside it a link, a picture, a price, a date or more text. Links alone are
navigation, and lists in navigation, footers, tag clouds and side bars are left out.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence

import msgspec
import turbohtml
from turbohtml import Element

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.offers.block_fields import fields_of
from crawler.reading.offers.contexts import Contexts
from crawler.reading.offers.guess import field_name, plural, type_of
from crawler.reading.offers.offer import Offer, Seen, build, key_of
from crawler.reading.offers.tables import TABLES, headings_of
from crawler.reading.selectors.propose import place_of
from crawler.reading.selectors.simple import classes_of, simple_selectors
from crawler.reading.text import fold

LEAST, MOST = 3, 1000  # items of a list
ELEMENTS = 20_000  # of a document that are looked at
LISTS = 40  # that are read: those with the most text
OFFERS = 4
WORTH = 40.0
ENOUGH = 22.0  # points: a text, and more beside it than a link
LINKS = 15.0  # points of a list of links, which is offered after all else
_ITEMS = frozenset(["li", "div", "article", "section", "a", "tr", "dl", "figure", "tbody", "p", "details"])
_ROWS = frozenset(("tr", "tbody"))  # of a table with headings, they are offered by these
_POINTS = {"money": 14.0, "date": 10.0, "url": 6.0, "number": 4.0, "boolean": 4.0}
_NO_NAMES = frozenset(
    [
        "item",
        "items",
        "list",
        "row",
        "card",
        "col",
        "box",
        "block",
        "cell",
        "entry",
        "li",
        "teaser",
        "tile",
        "grid",
    ]
)


class _List(msgspec.Struct):
    """Elements that may be the items of a list."""

    items: list[Element]
    word: str  # a class of theirs, or of their parent
    within: bool  # the class is the parent's
    size: int = 0  # characters of text


def block_offers(document: Document) -> list[Offer]:
    """Offers for the lists of a page that have more in each item than a link."""
    tree = document.tree
    if tree is None:
        return []
    contexts = Contexts(tree)
    offers: list[tuple[Offer, _List]] = []
    taken: list[tuple[Offer, _List]] = []
    lists = [each for each in _lists(tree) if _is_list(each, contexts)]
    lists.sort(key=lambda each: each.size, reverse=True)
    for each in lists[:LISTS]:
        seen = fields_of(each.items)
        if (points := _points(seen)) >= LINKS and (built := _offer(tree, each, seen, points)):
            offers.append((built, each))
    offers.sort(key=lambda pair: pair[0].worth, reverse=True)
    for built, each in offers:
        if not any(_overlap(each, other) for _, other in taken):
            taken.append((built, each))
    return [built for built, _ in taken[:OFFERS]]


def _lists(tree: turbohtml.Document) -> Iterator[_List]:
    """Elements with a class in common, and the children of one parent that have none; each set once."""
    lists: dict[Hashable, _List] = {}
    offered = {table for table in tree.find_all("table", limit=TABLES) if headings_of(table)}
    for number, element in enumerate(tree.find_all()):
        if number >= ELEMENTS:
            break
        if (
            element.tag not in _ITEMS
            or (element.tag in _ROWS and element.closest("table") in offered)
            or not isinstance(parent := element.parent, Element)
        ):
            continue
        words = classes_of(element)
        for word in words:
            lists.setdefault((element.tag, word), _List([], word, within=False)).items.append(element)
        parent_word = next(iter(classes_of(parent)), "")
        key = (parent.tag, parent_word, element.tag) if parent_word else (id(parent), element.tag)
        lists.setdefault(key, _List([], parent_word, within=True)).items.append(element)
    sets: set[tuple[int, ...]] = set()
    for each in lists.values():
        if (ids := tuple(map(id, each.items))) not in sets:
            sets.add(ids)
            yield each


def _is_list(each: _List, contexts: Contexts) -> bool:
    """Whether there are enough items that tell something, none within another; without those set aside."""
    if not LEAST <= len(each.items) <= MOST:
        return False
    each.items = [item for item in each.items if not contexts.is_aside(item)]
    members = set(each.items)
    nested = any(parent in members for item in each.items for parent in item.ancestors)
    each.size = sum(len(item.text) for item in each.items[:50])
    return len(each.items) >= LEAST and not nested and each.size >= 5 * min(len(each.items), 50)


def _points(seen: Sequence[Seen]) -> float:
    """How much a list tells: its fields by their types, each by the part of the items that have it."""
    points = texts = 0.0
    for field in seen:
        share = sum(map(bool, field.texts)) / len(field.texts)
        kind = type_of(field.name, field.texts)
        if kind == "text":
            average = sum(map(len, field.texts)) / len(field.texts)
            points += share * ((4 if average < 8 else 10) if texts == 0 else 5 if texts < 4 else 0)
            texts += 1
        else:
            points += share * _POINTS[kind]
    return points


def _offer(tree: turbohtml.Document, each: _List, seen: Sequence[Seen], points: float) -> Offer | None:
    selector = _selector(tree, each)
    if narrowed := _without_strangers(tree, selector, each, seen):
        selector, seen = narrowed, fields_of(each.items)
    count = len(each.items)
    kinds = ", ".join(field.name for field in seen[:4])
    return build(
        _name(tree, each, seen),
        f"{count} blocks of like structure, with {kinds}",
        seen,
        items=Rule("css", selector),
        worth=(WORTH if points >= ENOUGH else 0.0) + min(points, 45.0) + min(count, 30) / 10,
    )


def _without_strangers(tree: turbohtml.Document, selector: str, each: _List, seen: Sequence[Seen]) -> str:
    """The selector of those items alone that have what tells them apart, as an advertisement has not.

    It leaves the others out of the list; empty if all have it, or if no selector tells them.
    """
    key = key_of(seen)
    texts, rule = next(((field.texts, field.rule.rule) for field in seen if (field.name,) == key), ((), ""))
    own = [item for item, text in zip(each.items, texts, strict=False) if text]
    within, _, ending = rule.partition("::")
    attribute = f"[{ending[len('attr(') : -1]}]" if ending.startswith("attr(") else ""
    narrowed = f"{selector}:has({within}{attribute})" if within else f"{selector}{attribute}"
    if not rule or len(own) == len(each.items) or tree.select(narrowed) != own:
        return ""
    each.items = own
    return narrowed


def _name(tree: turbohtml.Document, each: _List, seen: Sequence[Seen]) -> str:
    """By a class that names a thing, by a heading of the page of one word; else by what the items have."""
    words = [word for word in classes_of(each.items[0]) if word not in _NO_NAMES]
    words += [each.word] if each.word and each.word not in _NO_NAMES else []
    for word in words:
        parts = [part for part in field_name(word).split("_") if part not in _NO_NAMES and len(part) > 2]
        if parts and not parts[0].isdigit():
            return plural(parts[0]) if _is_english(tree) else parts[0]
    heading = tree.select_one("h1")
    if heading is not None and re.fullmatch(r"[^\W\d_]{3,30}", word := fold(heading.text)):
        return plural(word.lower()) if _is_english(tree) else word.lower()
    kinds = {type_of(field.name, field.texts) for field in seen}
    return "products" if "money" in kinds else "articles" if "date" in kinds else "items"


def _is_english(tree: turbohtml.Document) -> bool:
    """Whether words of the page are English, for all that it says."""
    language = tree.root.attr("lang") if tree.root is not None else None
    return (language or "en").lower().startswith("en")


def _selector(tree: turbohtml.Document, each: _List) -> str:
    """The shortest robust selector of these items alone; with their container, if others match too."""
    first = each.items[0]
    own = f".{each.word}" if each.word and not each.within else first.tag
    plain = f"{first.tag}{own}" if own.startswith(".") else own
    if not each.within and tree.select(plain) == each.items:
        return plain
    for ancestor in _common_ancestors(each.items):
        joint = " > " if ancestor is first.parent else " "
        for simple in simple_selectors(ancestor):
            selector = f"{simple.selector}{joint}{plain}"
            if not simple.bare and tree.select(selector) == each.items:
                return selector
    parent = first.parent
    if each.within and not each.word and isinstance(parent, Element):
        return f"{place_of(parent, tree)} > {plain}"
    return f".{each.word} > {first.tag}" if each.within and each.word else plain


def _common_ancestors(items: Sequence[Element]) -> list[Element]:
    last = set(items[-1].ancestors)
    return [each for each in items[0].ancestors if isinstance(each, Element) and each in last][:5]


def _overlap(one: _List, other: _List) -> bool:
    """Whether items of one hold, or stand in, items of the other."""
    for few, many in ((one, other), (other, one)):
        members = set(many.items)
        if any(item in members or any(up in members for up in item.ancestors) for item in few.items[:5]):
            return True
    return False
