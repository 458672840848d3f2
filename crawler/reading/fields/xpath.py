"""The kind ``xpath``: an expression of XPath 1.0 (W3C recommendation of 1999), read on the browser's tree.

Its values are those of the nodes in document order, or the number, text or truth that it computes. In an
item, a path that begins with ``/`` begins at the item (a full path, ``/html/…``, at the document). Rules are
data: only the functions of the recommendation are known; none reads a file or asks the network.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import turbohtml
from turbohtml import Element, Node

from crawler.reading.fields.kind import MAX_MATCHES, Origin, Place
from crawler.reading.text import fold

_FUNCTIONS = frozenset(
    ("last", "position", "count", "id", "local-name", "namespace-uri", "name")
    + ("string", "concat", "starts-with", "contains", "substring-before", "substring-after", "substring")
    + ("string-length", "normalize-space", "translate", "boolean", "not", "true", "false", "lang")
    + ("number", "sum", "floor", "ceiling", "round", "text", "comment", "node", "processing-instruction")
    + ("and", "or", "div", "mod")
)
"""Section 4 of the recommendation, the node tests of section 2.3, and the operators."""

_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_CALL = re.compile(r"([\w.:-]+)\s*\(")
_PREFIXED = re.compile(r"[\w.-]+:(?!:)[\w.*-]+")
_PATHS = re.compile(r"""\"[^\"]*\"|'[^']*'|/html\b|//?|\s+|.""", re.DOTALL)
_BEFORE_A_PATH = frozenset(("", *"(,|=<>+-"))
_Result = list[Node | str] | list[Node] | list[str] | float | bool | str
_SAMPLE = turbohtml.parse("<title>a</title><p class=b id=c>d<a href=e>f</a></p>")


def check(rule: str) -> None:
    """ValueError with a sentence for people if an expression cannot be used."""
    compile(rule)


def compile(rule: str) -> _Reader:
    """The reader of an expression; ValueError with a sentence for people if it cannot be used."""
    try:
        _check_names(_STRING.sub("''", rule))
        whole, within = (turbohtml.XPath(each, smart_strings=False) for each in (rule, _from_item(rule)))
        whole(_SAMPLE)
    except (TypeError, ValueError) as error:
        reason = str(error).removeprefix("xpath: ")
        raise ValueError(f"{rule!r} is not an XPath that can be used: {reason}.") from error
    return _Reader(whole, within)


def _from_item(rule: str) -> str:
    """The expression with ``.`` before each path that begins with a slash, except in predicates."""
    parts, depth, before = [], 0, ""
    for word in _PATHS.findall(rule):
        depth += {"[": 1, "]": -1}.get(word, 0)
        if word[0] == "/" and not depth and before in _BEFORE_A_PATH and word != "/html":
            parts.append(".")
        parts.append(word)
        before = before if word.isspace() else word[-1]
    return "".join(parts)


def _check_names(rule: str) -> None:
    """Refuse what the engine would refuse only on a page that asks for it. ``rule``: without strings."""
    if "\0" in rule:
        raise ValueError("it holds a NUL character")
    if "$" in rule:
        raise ValueError("it holds a variable")
    if prefixed := _PREFIXED.search(rule):
        raise ValueError(f"namespaces are not known: write *[name()='{prefixed[0]}'] for {prefixed[0]}")
    for name in _CALL.findall(rule):
        if name.rpartition("::")[2] not in _FUNCTIONS:
            raise ValueError(f"XPath 1.0 has no function {name}()")


class _Reader:
    """Reads the nodes of an expression, which can be items too, or what it computes."""

    def __init__(self, whole: turbohtml.XPath, within: turbohtml.XPath) -> None:
        self._whole, self._within = whole, within

    def first(self, place: Place) -> str | None:
        result = self._result(place)
        if isinstance(result, list):
            return _text_of(result[0]) if result else None
        return _written(result)

    def all(self, place: Place) -> list[str]:
        result = self._result(place)
        if isinstance(result, list):
            return [_text_of(node) for node in result[:MAX_MATCHES]]
        value = _written(result)
        return [] if value is None else [value]

    def items(self, place: Place) -> list[Place]:
        result = self._result(place)
        nodes = result[:MAX_MATCHES] if isinstance(result, list) else []
        return [Place(place.document, node) for node in nodes if isinstance(node, Element)]

    def origins(self, place: Place) -> Iterator[Origin]:
        result = self._result(place)
        for node in result if isinstance(result, list) else ():
            if isinstance(node, str):
                continue  # an attribute: the engine gives its text alone
            element = node if isinstance(node, Element) else node.parent
            if isinstance(element, Element):
                yield Origin(_text_of(node), element)

    def _result(self, place: Place) -> _Result:
        try:
            if isinstance(place.part, Element):
                return self._within(place.part)
            tree = place.document.tree if place.part is None else None
            return [] if tree is None else self._whole(tree)
        except (TypeError, ValueError):  # an argument is of the wrong type, as only this page shows
            return []


def _text_of(node: Node | str) -> str:
    return fold(node if isinstance(node, str) else node.text)


def _written(result: float | bool | str) -> str | None:
    """A computed value as the function ``string`` writes it (section 4.2); None for what is not a number."""
    if isinstance(result, bool):
        return str(result).lower()
    if isinstance(result, float):
        return None if math.isnan(result) else f"{result:.15g}"
    return fold(result)
