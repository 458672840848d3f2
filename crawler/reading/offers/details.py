"""The offer of a page about one thing that says nothing to machines: its heading, its price, its pairs.

Pairs are names with values: the entries of a ``dl``, the rows of a table of one ``th`` and one ``td``. They
are read by their names, with XPath, so that a pair more moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import turbohtml
from turbohtml import Element

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.offers.contexts import Contexts
from crawler.reading.offers.guess import field_name, looks_like
from crawler.reading.offers.offer import Offer, Seen, build
from crawler.reading.selectors.propose import path_of, propose
from crawler.reading.text import fold

PAIRS = 12
NAME, VALUE = 40, 300  # characters
WORTH = 35.0
_PRICES = "[class*=price i], [class*=preis i], [class*=prix i], [id*=price i], [class*=salary i]"
_NEXT = {"dt": "dd", "th": "td"}


def details_offers(document: Document) -> list[Offer]:
    """One offer, if the page has one heading, and a price or a pair beside it."""
    tree = document.tree
    if tree is None:
        return []
    headings = tree.select("h1")
    fields = [] if len(headings) != 1 else [*_prices(document, tree), *_pairs(tree, Contexts(tree))]
    if not fields:
        return []
    title = Seen("title", Rule("css", "h1"), [fold(headings[0].text)])
    built = build(
        "pages", "The heading of the page, and what stands beside it", [title, *fields], worth=WORTH
    )
    return [] if built is None else [built]


def _prices(document: Document, tree: turbohtml.Document) -> Iterator[Seen]:
    """The price, if the page has one."""
    prices = [each for each in tree.select(_PRICES) if looks_like(fold(each.text)) == "money"]
    innermost = [each for each in prices if not any(each in other.ancestors for other in prices)]
    if len(innermost) == 1:
        selector = propose(document, path_of(innermost[0]))[0].selector
        yield Seen("price", Rule("css", selector), [fold(innermost[0].text)])


def _pairs(tree: turbohtml.Document, contexts: Contexts) -> Iterator[Seen]:
    """The pairs whose names stand once on the page."""
    names = [each for each in tree.select("dl > dt, tr > th") if not contexts.is_aside(each)]
    texts = [fold(each.text).rstrip(":") for each in names]
    for element, text in list(zip(names, texts, strict=True))[:PAIRS]:
        value = _value_of(element)
        if not value or not 0 < len(text) <= NAME or texts.count(text) > 1 or '"' in text:
            continue
        written = fold(element.text)
        rule = f'//{element.tag}[normalize-space()="{written}"]/following-sibling::{_NEXT[element.tag]}[1]'
        yield Seen(field_name(text) or "value", Rule("xpath", rule), [value])


def _value_of(element: Element) -> str:
    """What stands beside a name; empty in a row or list where that is not one value."""
    following = [each for each in element.next_siblings if isinstance(each, Element)]
    if not following or following[0].tag != _NEXT[element.tag]:
        return ""
    if element.tag == "th" and len(following) > 1:
        return ""
    value = fold(following[0].text)
    return value if len(value) <= VALUE else ""
