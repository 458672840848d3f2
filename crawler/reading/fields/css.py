"""The kind ``css``: a CSS selector, compiled once to XPath and run by lxml.

A rule means what it means in parsel: ``h1::text`` is the first text node, ``a::attr(href)`` the first
attribute (parsel's ``.get()``); a rule without an ending is the whole text of the first match. Rules are
data: XPath 1.0 made from CSS, no extension functions, nothing that reads a file or the network.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial

from cssselect import SelectorError, SelectorSyntaxError
from cssselect.xpath import XPathExpr
from lxml import etree
from parsel.csstranslator import HTMLTranslator

from crawler.reading.document import Document
from crawler.reading.fields.kind import FieldReader, FieldValue
from crawler.reading.text import fold


class _Translator(HTMLTranslator):
    """parsel's CSS to XPath, with ``a b`` as a test of the ancestors of b.

    libxml2 walks ``a/descendant::b`` once for every a, and compares each result with every other to merge
    them. That is quadratic on nested elements, and takes seconds on a large page.
    """

    def xpath_descendant_combinator(self, left: XPathExpr, right: XPathExpr) -> XPathExpr:
        if _can_be_a_test(left, right):
            return right.add_condition(f"ancestor::{left}[1]")
        return super().xpath_descendant_combinator(left, right)

    def xpath_child_combinator(self, left: XPathExpr, right: XPathExpr) -> XPathExpr:
        if _can_be_a_test(left, right):
            return right.add_condition(f"parent::{left}")
        return super().xpath_child_combinator(left, right)


def _can_be_a_test(left: XPathExpr, right: XPathExpr) -> bool:
    """Both are single steps, and none counts the nodes of its step; parsel treats a bare ``*`` by itself."""
    bare = right.element == "*" and not right.condition
    return not (bare or left.path or right.path or "position()" in f"{left}{right}")


_TRANSLATOR = _Translator()
# ``*[… @class …]`` asks every element for its class, ``*/@class[…]/..`` only those with one: 3 times faster.
_BY_CLASS = re.compile(
    r"(?:^|(?<= \| ))descendant-or-self::([\w*]+)\[@class and (contains\(@class, '[\w-]+'\) and "
    r"contains\(concat\(' ', normalize-space\(@class\), ' '\), ' [\w-]+ '\))\]"
)
_TEXT = etree.XPath("string()", smart_strings=False)  # an element's text without its comments


def check(rule: str) -> None:
    """ValueError with a sentence for people if a selector cannot be used."""
    _xpath(rule)


def compile(rule: str) -> FieldReader:
    """The reader of a selector's first match; ValueError with a sentence for people if it cannot be used."""
    return partial(_first, _xpath(rule))


@lru_cache(maxsize=1024)
def _xpath(css: str) -> etree.XPath:
    try:
        if "\0" in css:
            raise SelectorSyntaxError("it holds a NUL character")
        xpath = _BY_CLASS.sub(_by_class, _TRANSLATOR.css_to_xpath(css))
        return etree.XPath(f"({xpath})[1]", smart_strings=False)
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"{css!r} is not a CSS selector that can be used: {error}.") from error


def _by_class(step: re.Match[str]) -> str:
    return f"descendant-or-self::{step[1]}/@class[{step[2].replace('@class', '.')}]/.."


def _first(xpath: etree.XPath, document: Document) -> FieldValue:
    """The folded text of the first match."""
    tree = document.tree
    matches = xpath(tree) if isinstance(tree, etree._Element) else None
    if not matches:
        return None
    match = matches[0]
    return fold(match if isinstance(match, str) else _TEXT(match))
