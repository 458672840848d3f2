"""Fields: CSS rules that people write, compiled once to XPath and run by lxml.

A rule means what it means in parsel: ``h1::text`` is the first text node, ``a::attr(href)`` the first
attribute (parsel's ``.get()``); a rule without an ending is the whole text of the first match. Rules are
data: XPath 1.0 made from CSS, no extension functions, nothing that reads a file or the network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec
from cssselect import SelectorError, SelectorSyntaxError
from cssselect.xpath import XPathExpr
from lxml import etree
from parsel.csstranslator import HTMLTranslator

from crawler.records import FieldRule


class _Translator(HTMLTranslator):
    """parsel's CSS to XPath, with ``a b`` as a test of the ancestors of b.

    libxml2 walks ``a/descendant::b`` once for every a and merges the results by comparing each with each:
    quadratic on nested elements, and seconds on a large page.
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
    """Both are single steps, and none counts the nodes of its step; parsel treats a bare ``*`` apart."""
    bare = right.element == "*" and not right.condition
    return not (bare or left.path or right.path or "position()" in f"{left}{right}")


_TRANSLATOR = _Translator()
# ``*[… @class …]`` asks every element for its class; ``*/@class[…]/..`` only those that have one: a third.
_BY_CLASS = re.compile(
    r"(?:^|(?<= \| ))descendant-or-self::([\w*]+)\[@class and (contains\(@class, '[\w-]+'\) and "
    r"contains\(concat\(' ', normalize-space\(@class\), ' '\), ' [\w-]+ '\))\]"
)
_TEXT = etree.XPath("string()", smart_strings=False)  # an element's text without its comments


class Extractor:
    """The compiled rules of one policy. Built by :func:`compile_rules`."""

    def __init__(self, fields: Sequence[FieldRule]) -> None:
        self._rules = tuple((field.name, _compiled(field.css)) for field in fields)

    def extract(self, tree: etree._Element | None) -> dict[str, str | None]:
        """Field name to folded text, None where nothing matches (or there is no tree)."""
        if tree is None:
            return {name: None for name, _ in self._rules}
        return {name: _first(xpath, tree) for name, xpath in self._rules}


@lru_cache(maxsize=256)
def compile_rules(fields: tuple[FieldRule, ...]) -> Extractor:
    """The extractor of these rules; ValueError if a rule is not valid (see :func:`check_css`)."""
    return Extractor(fields)


def check_css(css: str) -> None:
    """ValueError with a sentence for people if a rule cannot be used."""
    _compiled(css)


@lru_cache(maxsize=1024)
def rules_digest(fields: tuple[FieldRule, ...]) -> str:
    """What the rules are, whatever their order, as 16 hex characters; an empty string without rules."""
    if not fields:
        return ""
    rules = sorted((field.name, field.css) for field in fields)
    return hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:16]


def fold(text: str) -> str:
    """White space folded to single spaces, and no character that PostgreSQL or UTF-8 refuse."""
    text = " ".join(text.split())
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "ignore").decode()
    return text


@lru_cache(maxsize=1024)
def _compiled(css: str) -> etree.XPath:
    try:
        if "\0" in css:
            raise SelectorSyntaxError("it holds a NUL character")
        xpath = _BY_CLASS.sub(_by_class, _TRANSLATOR.css_to_xpath(css))
        return etree.XPath(f"({xpath})[1]", smart_strings=False)
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"{css!r} is not a CSS selector that can be used: {error}.") from error


def _by_class(step: re.Match[str]) -> str:
    return f"descendant-or-self::{step[1]}/@class[{step[2].replace('@class', '.')}]/.."


def _first(xpath: etree.XPath, tree: etree._Element) -> str | None:
    found = xpath(tree)
    if not found:
        return None
    first = found[0]
    return fold(first if isinstance(first, str) else _TEXT(first))
