"""The kind ``css``: a selector of CSS level 4, as browsers read it, perhaps with an ending.

A rule means what it means in parsel: ``h1::text`` is a text node, ``a::attr(href)`` the attribute; a rule
without an ending is the whole text. Endings of our own are ``::own-text``, the text of an element without
that of the elements in it, and ``::html``, the element as it is written. In an item, ``:scope`` is the item
itself, and an ending alone (``::attr(data-sku)``) looks at the item first and then at all that is in it.
Rules are data: no part of one is code, reads a file or asks the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, cast

import turbohtml
from turbohtml import Element, Text

from crawler.reading.fields.kind import MAX_MATCHES, Origin, Place, bounded
from crawler.reading.text import fold, storable

_TOKEN = re.compile(r"""\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|/\*.*?\*/|\|=|.""", re.DOTALL)
_ENDING = re.compile(
    r"""::(?:(?P<word>text|own-text|html)|attr\(\s*(?P<quote>["']?)(?P<attribute>[^\s"'()]+)(?P=quote)\s*\))\s*$"""
)
_DEPTHS = {"(": 1, "[": 1, ")": -1, "]": -1}
_CONTAINS = "browsers know no :contains(); write an XPath such as //p[contains(., 'text')]"
_EMPTY_PAGE = turbohtml.parse("")

Root = turbohtml.Document | Element


class _Part(NamedTuple):
    """One of the selectors between the commas of a rule, and what it takes of an element."""

    selector: str
    ending: str  # text, own-text, html or attr; empty: the whole text
    attribute: str
    itself: bool  # whether the item in which the rule looks is meant too


def check(rule: str) -> None:
    """ValueError with a sentence for people if a selector cannot be used."""
    _parts(rule)


def compile(rule: str) -> _Elements | _Values:
    """The reader of a selector; ValueError with a sentence for people if it cannot be used."""
    parts = _parts(rule)
    return _Values(parts) if any(part.ending for part in parts) else _Elements(parts)


@lru_cache(maxsize=1024)
def _parts(rule: str) -> tuple[_Part, ...]:
    try:
        parts = tuple(map(_part, _between_commas(rule)))
        for part in parts:
            _EMPTY_PAGE.select(part.selector)
    except ValueError as error:
        reason = _CONTAINS if ":contains(" in rule else str(error).rpartition('": ')[2]
        raise ValueError(f"{rule!r} is not a CSS selector that can be used: {reason}.") from error
    return parts


def _between_commas(rule: str) -> Iterator[str]:
    """The selectors of a list, split at the commas that stand in no string, bracket or function."""
    start = depth = 0
    for token in _TOKEN.finditer(rule):
        depth += _DEPTHS.get(token[0], 0)
        if token[0] == "," and not depth:
            yield rule[start : token.start()]
            start = token.end()
        elif token[0] == "|":
            raise ValueError("there are no namespaces: write path for svg|path, dc\\:date for dc|date")
        elif token[0] == "\0":
            raise ValueError("it holds a NUL character")
    yield rule[start:]


def _part(written: str) -> _Part:
    ending = _ENDING.search(written)
    if ending is None:
        return _Part(written.strip(), "", "", written.strip() == ":scope")
    before, attribute = written[: ending.start()], ending["attribute"] or ""
    itself = before.strip() in {"", ":scope", "*"}
    return _Part(_completed(before), ending["word"] or "attr", attribute, itself)


def _completed(before: str) -> str:
    """The selector before an ending. If it ends in a combinator, any element follows."""
    selector = before.strip()
    if not selector or selector[-1] in ">+~":
        return f"{selector} *"
    return f":is({selector}, {selector} *)" if before[-1].isspace() else selector


def _root(place: Place) -> Root | None:
    """What a rule searches; None where there is no markup."""
    if place.part is None:
        return place.document.tree
    return place.part if isinstance(place.part, Element) else None


class _Elements:
    """Reads the whole text of elements, which can be items too."""

    def __init__(self, parts: tuple[_Part, ...]) -> None:
        self._selector = ",".join(part.selector for part in parts)
        self._itself = any(part.itself for part in parts)

    def first(self, place: Place) -> str | None:
        root = place.document.tree if place.part is None else _root(place)
        if root is None:
            return None
        element = root if self._itself and self._takes(root) else root.select_one(self._selector)
        return None if element is None else fold(element.text)

    def all(self, place: Place) -> list[str]:
        return [fold(element.text) for element in self._matches(place)]

    def items(self, place: Place) -> list[Place]:
        return [Place(place.document, element) for element in self._matches(place)]

    def origins(self, place: Place) -> Iterator[Origin]:
        for element in self._matches(place):
            yield Origin(fold(element.text), element)

    def _matches(self, place: Place) -> list[Element]:
        root = _root(place)
        if root is None:
            return []
        own = [root] if isinstance(root, Element) and self._takes(root) else []
        return [*own, *root.select(self._selector)[:MAX_MATCHES]]

    def _takes(self, root: Root) -> bool:
        return self._itself and isinstance(root, Element)


class _Values:
    """Reads what endings take of elements: text nodes, attributes, own texts or markup."""

    def __init__(self, parts: tuple[_Part, ...]) -> None:
        self._parts = parts
        self._alone = parts[0] if len(parts) == 1 else None

    def first(self, place: Place) -> str | None:
        """The text of what comes first in the document. Most often that is in the first match."""
        root = place.document.tree if place.part is None else _root(place)
        if root is None:
            return None
        part = self._alone
        if part is not None and not (part.itself and place.part is not None):
            element = root.select_one(part.selector)
            if element is None:
                return None
            if (value := _at_once(part, element)) is not None:
                return value
        return next(_walk(root, self._parts), None)

    def all(self, place: Place) -> list[str]:
        """All of them; text nodes that hold no more than white space are left out."""
        root = _root(place)
        if root is None:
            return []
        if len(self._parts) > 1 or self._parts[0].ending == "text":
            return bounded(filter(None, _walk(root, self._parts)))
        (part,) = self._parts
        own = [root] if part.itself and isinstance(root, Element) else []
        matches = [*own, *root.select(part.selector)]
        return bounded(value for element in matches if (value := _taken(part, element)) is not None)

    def origins(self, place: Place) -> Iterator[Origin]:
        root = _root(place)
        for part in self._parts if root is not None else ():
            own = [root] if part.itself and isinstance(root, Element) else []
            for element in [*own, *cast(Root, root).select(part.selector)]:
                if part.ending == "text":
                    texts = (fold(child.data) for child in element.children if isinstance(child, Text))
                    yield from (Origin(text, element) for text in texts if text)
                elif (value := _taken(part, element)) is not None:
                    yield Origin(value, element, part.attribute)


def _at_once(part: _Part, element: Element) -> str | None:
    """What a part takes of its first match, if nothing in the document can come before it."""
    if part.ending != "text":
        return _taken(part, element)
    child = element.children[0] if len(element) else None
    return fold(child.data) if isinstance(child, Text) else None


def _taken(part: _Part, element: Element) -> str | None:
    """What a part takes of an element; None if it has no such attribute."""
    return _TAKE[part.ending](element, part.attribute)


def _attribute(element: Element, name: str) -> str | None:
    value = element.attr(name)
    return None if value is None else fold(value)


def _own_text(element: Element, _: str) -> str:
    return fold("".join(child.data for child in element.children if isinstance(child, Text)))


_TAKE: dict[str, Callable[[Element, str], str | None]] = {
    "": lambda element, _: fold(element.text),
    "attr": _attribute,
    "own-text": _own_text,
    "html": lambda element, _: storable(element.html),
}


def _walk(root: Root, parts: tuple[_Part, ...]) -> Iterator[str]:
    """One walk over what is searched, in its order: every node that one of the parts takes."""
    matches = [(part, frozenset(root.select(part.selector))) for part in parts]
    if isinstance(root, Element):
        for part in parts:
            if part.itself and part.ending != "text" and (value := _taken(part, root)) is not None:
                yield value
        matches = [(part, elements | {root} if part.itself else elements) for part, elements in matches]
    for node in root.descendants:
        for part, elements in matches:
            if part.ending == "text":
                if isinstance(node, Text) and node.parent in elements:
                    yield fold(node.data)
            elif isinstance(node, Element) and node in elements and (value := _taken(part, node)) is not None:
                yield value
