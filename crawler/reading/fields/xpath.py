"""The kind ``xpath``: an expression of XPath 1.0 (W3C recommendation of 1999), read on the browser's tree.

Its value is that of the first node in document order, or the number, text or truth that it computes. Rules
are data: only the functions of the recommendation are known; none reads a file or asks the network.
"""

from __future__ import annotations

import math
import re
from functools import partial

import turbohtml
from turbohtml import Node

from crawler.reading.document import Document
from crawler.reading.fields.kind import FieldReader, FieldValue
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
_SAMPLE = turbohtml.parse("<title>a</title><p class=b id=c>d<a href=e>f</a></p>")


def check(rule: str) -> None:
    """ValueError with a sentence for people if an expression cannot be used."""
    compile(rule)


def compile(rule: str) -> FieldReader:
    """The reader of an expression; ValueError with a sentence for people if it cannot be used."""
    try:
        _check_names(_STRING.sub("''", rule))
        xpath = turbohtml.XPath(rule, smart_strings=False)
        xpath(_SAMPLE)
    except (TypeError, ValueError) as error:
        reason = str(error).removeprefix("xpath: ")
        raise ValueError(f"{rule!r} is not an XPath that can be used: {reason}.") from error
    return partial(_value, xpath)


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


def _value(xpath: turbohtml.XPath, document: Document) -> FieldValue:
    if document.tree is None:
        return None
    try:
        result = xpath(document.tree)
    except (TypeError, ValueError):  # an argument is of the wrong type, as only this page shows
        return None
    if isinstance(result, list):
        return _text_of(result[0]) if result else None
    return _written(result)


def _text_of(node: Node | str) -> str:
    return fold(node if isinstance(node, str) else node.text)


def _written(result: float | bool | str) -> FieldValue:
    """A computed value as the function ``string`` writes it (section 4.2); None for what is not a number."""
    if isinstance(result, bool):
        return str(result).lower()
    if isinstance(result, float):
        return None if math.isnan(result) else f"{result:.15g}"
    return fold(result)
