"""Candidates for the rule of items: what repeats, and holds one known record each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from turbohtml import Element

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.fields import compile_items
from crawler.reading.fields.kind import ItemReader, Place
from crawler.reading.repair.from_data import Leaf, written
from crawler.reading.repair.places import Telling, leaves, texts_in
from crawler.reading.selectors.propose import list_selectors
from crawler.reading.selectors.simple import classes_of, simple_selectors
from crawler.reading.structured.scripts import script_data
from crawler.reading.structured.things import json_ld, microdata, types_of
from crawler.reading.text import fold

LOOKED_AT = 3  # pages in which items are looked for
MOST_RULES = 80
LEVELS = 6  # above the element that names a record
_UNSEEN = frozenset(("script", "style", "head", "title", "html", "body", "meta", "link"))


class Blocks(msgspec.Struct, frozen=True):
    """A rule of items, and how well it fits."""

    rule: Rule
    right: int  # known records that one item each holds
    of: int  # known records that the pages name
    beside: int  # items that hold none
    values: int  # known texts that the items hold
    frailty: float

    @property
    def score(self) -> float:
        """The more records the better; what is beside them may be new, or no record at all."""
        return (self.right - 0.5 * self.beside) / max(self.of, 1) - 0.001 * self.frailty

    def order(self, is_present: bool) -> tuple[float, bool, int, float]:
        """By which candidates are sorted. Of about as good ones, the present rule, then who holds most."""
        return -round(self.score, 1), not is_present, -self.values, -self.score


def item_candidates(telling: Telling, new: Sequence[Document], present: Rule | None) -> list[Blocks]:
    """Rules of items, best first; the present one as long as none is better."""
    lists = [document for document in new if len(_named(telling, document)) > 1]
    attempts: Counter[tuple[Rule, float]] = Counter()
    for document in lists[:LOOKED_AT]:
        attempts.update(set(_attempts(telling, document)))
    rules: dict[Rule, float] = {} if present is None else {present: 0.0}
    for (rule, frailty), _ in sorted(attempts.items(), key=lambda each: (-each[1], each[0][1])):
        rules.setdefault(rule, frailty)
    blocks = [
        each for rule in list(rules)[:MOST_RULES] if (each := _tested(rule, rules[rule], telling, lists))
    ]
    return sorted(blocks, key=lambda each: each.order(each.rule == present))


def _named(telling: Telling, document: Document) -> set[int]:
    """The known records that a document names."""
    place = Place(document, document.tree.root if document.tree is not None else document.data)
    numbers = telling.records_in(texts_in(place)) if place.part is not None else set()
    for _, value in _data(document):
        numbers |= telling.records_in(leaves(value))
    return numbers


def _data(document: Document) -> list[tuple[str, Any]]:
    if document.data is not None:
        return [("", document.data)]
    things: list[tuple[str, Any]] = [("", thing) for thing in json_ld(document)]
    return [*things, *((each.name, each.value) for each in script_data(document))]


def _tested(rule: Rule, frailty: float, telling: Telling, lists: Sequence[Document]) -> Blocks | None:
    try:
        reader = compile_items(rule)
    except ValueError:
        return None
    right = of = beside = values = 0
    for document in lists:
        numbers, alone, texts = _held(reader, document, telling)
        of += len(_named(telling, document))
        right += len(numbers)
        beside += alone
        values += texts
    return Blocks(rule, right, of, beside, values, frailty) if right else None


def _held(reader: ItemReader, document: Document, telling: Telling) -> tuple[set[int], int, int]:
    """The records that have an item of their own, the items without, and the known texts in them."""
    numbers: set[int] = set()
    beside = values = 0
    for place in reader.items(Place(document)):
        texts = [text for text in texts_in(place) if text in telling.of_text]
        held = telling.records_in(texts)
        if len(held) == 1 and not held <= numbers:
            numbers |= held
            values += len(set(texts))
        else:
            beside += 1
    return numbers, beside, values


def _attempts(telling: Telling, document: Document) -> Iterator[tuple[Rule, float]]:
    yield from _of_things(telling, document)
    yield from _of_data(telling, document)
    if document.tree is not None:
        for level, items in enumerate(_items_by_level(telling, document)):
            yield from _of_elements(items, document, 0.2 * level)


def _of_things(telling: Telling, document: Document) -> Iterator[tuple[Rule, float]]:
    for kind, things in (("jsonld", json_ld(document)), ("microdata", microdata(document))):
        for thing in things:
            if len(telling.records_in(leaves(thing))) == 1:
                for name in types_of(thing):
                    yield Rule(kind, name), 0.1


def _of_data(telling: Telling, document: Document) -> Iterator[tuple[Rule, float]]:
    data = [("", document.data)] if document.data is not None else []
    for name, value in data or [(each.name, each.value) for each in script_data(document)]:
        for path, entries in _lists(value, (name,) if name else ()):
            held = [len(telling.records_in(leaves(entry))) == 1 for entry in entries]
            if sum(held) > 1:
                before = written(path, all_of_lists=True)
                yield Rule("json", f"{before}[]"), 0.1
                for choice in _choices(entries, held):
                    yield Rule("json", f"{before}[{choice}]"), 0.2


def _lists(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], list[Any]]]:
    todo = [Leaf(path, value, None)]
    while todo:
        leaf = todo.pop()
        if isinstance(leaf.value, dict):
            todo += [Leaf((*leaf.path, name), part, None) for name, part in leaf.value.items()]
        elif isinstance(leaf.value, list):
            yield leaf.path, leaf.value


def _choices(entries: Sequence[Any], held: Sequence[bool]) -> Iterator[str]:
    """What tells the records of a list from the others in it: ``?!deleted``, ``?type=='book'``."""
    objects = [pair for pair in zip(entries, held, strict=True) if isinstance(pair[0], dict)]
    ours = [entry for entry, holds in objects if holds]
    others = [entry for entry, holds in objects if not holds]
    if not others:
        return
    for name in dict.fromkeys(name for entry, _ in objects for name in entry):
        if name.isidentifier():
            yield from _choices_by(name, ours, others)


def _choices_by(name: str, ours: Sequence[Any], others: Sequence[Any]) -> Iterator[str]:
    if not any(entry.get(name) for entry in ours) and all(entry.get(name) for entry in others):
        yield f"?!{name}"
    elif all(entry.get(name) for entry in ours) and not any(entry.get(name) for entry in others):
        yield f"?{name}"
    value = ours[0].get(name) if ours else None
    alike = isinstance(value, str) and "'" not in value and all(entry.get(name) == value for entry in ours)
    if alike and all(entry.get(name) != value for entry in others):
        yield f"?{name}=='{value}'"


def _items_by_level(telling: Telling, document: Document) -> list[dict[int, Element]]:
    """Of each record the largest element that holds no other, then the elements in that, level by level."""
    anchors = _anchors(telling, document)
    held: dict[Element, set[int]] = defaultdict(set)
    for element, number in anchors:
        node: object = element
        while isinstance(node, Element):
            held[node].add(number)
            node = node.parent
    chains: dict[int, list[Element]] = {}
    for element, number in anchors:
        chain = []
        node = element
        while isinstance(node, Element) and held[node] == {number} and node.tag not in _UNSEEN:
            chain.append(node)
            node = node.parent
        if len(chain) > len(chains.get(number, ())):
            chains[number] = chain
    return [
        {number: chain[::-1][level] for number, chain in chains.items() if len(chain) > level}
        for level in range(LEVELS)
    ]


def _anchors(telling: Telling, document: Document) -> list[tuple[Element, int]]:
    anchors = []
    elements = document.tree.descendants if document.tree is not None else ()
    for element in elements:
        if isinstance(element, Element) and element.tag not in _UNSEEN:
            texts = [
                fold(element.text),
                *(value for value in element.attrs.values() if isinstance(value, str)),
            ]
            anchors += [(element, number) for number in telling.records_in(texts)]
    return anchors


def _of_elements(
    items: dict[int, Element], document: Document, frailty: float
) -> Iterator[tuple[Rule, float]]:
    """Selectors of some items, and the same narrowed so that others are left out."""
    if len(items) < 2 or document.tree is None:
        return
    ours = set(items.values())
    selectors: Counter[str] = Counter()
    for item in list(items.values())[:4]:
        selectors.update(set(_selectors(item)))
    for at, (selector, _) in enumerate(selectors.most_common(8)):
        yield Rule("css", selector), frailty + 0.01 * at
        others = [match for match in document.tree.select(selector) if match not in ours]
        if others:
            for narrowed in _narrowed(selector, list(ours), others):
                yield Rule("css", narrowed), frailty + 0.3


def _selectors(item: Element) -> Iterator[str]:
    yield from (selector for _, selector in list_selectors(item))
    for simple in simple_selectors(item):
        if simple.many:
            parent = item.parent
            if isinstance(parent, Element):
                named = _named_by(parent)
                yield f"{(named or [parent.tag])[0]} > {simple.selector}"
                if isinstance(parent.parent, Element) and not named:
                    above = _named_by(parent.parent)
                    if above:
                        yield f"{above[0]} > {parent.tag} > {simple.selector}"


def _named_by(element: Element) -> list[str]:
    """Selectors of an element that say more than its tag."""
    return [
        each.selector for each in simple_selectors(element) if not each.bare and each.selector != element.tag
    ]


def _narrowed(selector: str, ours: Sequence[Element], others: Sequence[Element]) -> Iterator[str]:
    """By a class, an attribute or a child that only the items have, or only the others."""
    of_ours: list[set[str]] = [_marks(each) for each in ours]
    of_others: list[set[str]] = [_marks(each) for each in others]
    only_ours = set.intersection(*of_ours) - set[str]().union(*of_others)
    only_others = set.intersection(*of_others) - set[str]().union(*of_ours)
    yield from (f"{selector}:not({mark})" for mark in sorted(only_others) if not mark.startswith(":"))
    yield from (f"{selector}{mark}" for mark in sorted(only_ours))


def _marks(element: Element) -> set[str]:
    classes = {f".{word}" for word in classes_of(element)}
    attributes = {f"[{name}]" for name in element.attrs if name not in {"class", "style", "id"}}
    children = {f":has({each.tag})" for each in element.children if isinstance(each, Element)}
    return classes | attributes | children
