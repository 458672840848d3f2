"""The kind ``css``: a selector of CSS level 4, as browsers read it, perhaps with an ending.

A rule means what it means in parsel: ``h1::text`` is the first text node, ``a::attr(href)`` the first
attribute (parsel's ``.get()``); a rule without an ending is the whole text of the first match. Rules are
data: no part of one is code, reads a file or asks the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import NamedTuple

import turbohtml
from turbohtml import Element, Text

from crawler.reading.document import Document
from crawler.reading.fields.kind import FieldReader, FieldValue
from crawler.reading.text import fold

_TOKEN = re.compile(r"""\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|/\*.*?\*/|\|=|.""", re.DOTALL)
_ENDING = re.compile(r"""::(?:text|attr\(\s*(?P<quote>["']?)(?P<attribute>[^\s"'()]+)(?P=quote)\s*\))\s*$""")
_DEPTHS = {"(": 1, "[": 1, ")": -1, "]": -1}
_CONTAINS = "browsers know no :contains(); write an XPath such as //p[contains(., 'text')]"
_EMPTY_PAGE = turbohtml.parse("")


class _Part(NamedTuple):
    """One of the selectors between the commas of a rule, and what it takes of an element."""

    selector: str
    text_node: bool  # else the attribute, if any, else the whole text
    attribute: str | None


def check(rule: str) -> None:
    """ValueError with a sentence for people if a selector cannot be used."""
    _parts(rule)


def compile(rule: str) -> FieldReader:
    """The reader of a selector's first match; ValueError with a sentence for people if it cannot be used."""
    parts = _parts(rule)
    if not any(part.text_node or part.attribute for part in parts):
        return partial(_whole_text, ",".join(part.selector for part in parts))
    return partial(_first, parts)


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
        return _Part(written.strip(), text_node=False, attribute=None)
    attribute = ending["attribute"]
    return _Part(_completed(written[: ending.start()]), text_node=attribute is None, attribute=attribute)


def _completed(before: str) -> str:
    """The selector before an ending. If it ends in a combinator, any element follows."""
    selector = before.strip()
    if not selector or selector[-1] in ">+~":
        return f"{selector} *"
    return f":is({selector}, {selector} *)" if before[-1].isspace() else selector


def _whole_text(selector: str, document: Document) -> FieldValue:
    element = document.tree.select_one(selector) if document.tree is not None else None
    return None if element is None else fold(element.text)


def _first(parts: tuple[_Part, ...], document: Document) -> FieldValue:
    """The folded text of what comes first in the document. Most often that is in the first match."""
    tree = document.tree
    if tree is None:
        return None
    if len(parts) == 1:
        element = tree.select_one(parts[0].selector)
        if element is None:
            return None
        if (value := _at_once(parts[0], element)) is not None:
            return fold(value)
    return _first_of_all(tree, parts)


def _at_once(part: _Part, element: Element) -> str | None:
    """What a part takes of its first match, if nothing in the document can come before it."""
    if part.attribute:
        return element.attr(part.attribute)
    child = element.children[0] if len(element) else None
    return child.data if isinstance(child, Text) else None


def _first_of_all(tree: turbohtml.Document, parts: tuple[_Part, ...]) -> FieldValue:
    """One walk over the document, in its order, to the first node that one of the parts takes."""
    matches = [(part, frozenset(tree.select(part.selector))) for part in parts]
    for node in tree.descendants:
        for part, elements in matches:
            if part.text_node:
                if isinstance(node, Text) and node.parent in elements:
                    return fold(node.data)
            elif isinstance(node, Element) and node in elements:
                value = node.text if part.attribute is None else node.attr(part.attribute)
                if value is not None:
                    return fold(value)
    return None
