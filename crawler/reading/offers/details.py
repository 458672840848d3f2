"""The offer of a page about one thing that says nothing to machines: its heading, its named texts, its pairs.

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
from crawler.reading.selectors.simple import classes_of
from crawler.reading.text import fold

PAIRS, ELEMENTS = 12, 2_000
LONGEST = 2_000  # characters of a text
NAME, VALUE = 40, 300  # characters
WORTH = 35.0
_NAMED = "p, span, b, strong, em, div, time, address, h2, h3"
_NEXT = {"dt": "dd", "th": "td"}


def details_offers(document: Document) -> list[Offer]:
    """One offer, if the page has one heading, and a price or a pair beside it."""
    tree = document.tree
    if tree is None:
        return []
    headings, contexts = tree.select("h1"), Contexts(tree)
    if len(headings) != 1:
        return []
    fields = [*_named(document, tree, contexts), *_pairs(tree, contexts)]
    telling = [
        field for field in fields if field.rule.kind == "xpath" or looks_like(field.texts[0]) != "text"
    ]
    if len(fields) + len(telling) < 2:
        return []
    title = Seen("title", Rule("css", "h1"), [fold(headings[0].text)])
    built = build(
        "pages", "The heading of the page, and what stands beside it", [title, *fields], worth=WORTH
    )
    return [] if built is None else [built]


def _named(document: Document, tree: turbohtml.Document, contexts: Contexts) -> Iterator[Seen]:
    """Texts whose class is a word that stands once in the content; a time by its attribute."""
    by_word: dict[str, list[Element]] = {}
    for element in tree.select(_NAMED)[:ELEMENTS]:
        if not contexts.is_aside(element):
            for word in [*classes_of(element)[:1], *(["time"] if element.tag == "time" else [])][:1]:
                by_word.setdefault(word, []).append(element)
    alone = [(word, elements[0]) for word, elements in by_word.items() if len(elements) == 1]
    for word, element in alone[:PAIRS]:
        date = element.attr("datetime") if element.tag == "time" else None
        text = fold(date or element.text)
        selector = _first_match(document, tree, element)
        if selector and 0 < len(text) <= LONGEST and (date or _is_leaf(element)):
            yield Seen(
                field_name(word), Rule("css", f"{selector}{'::attr(datetime)' if date else ''}"), [text]
            )


def _is_leaf(element: Element) -> bool:
    """Whether it holds text and nothing but what stands within a line."""
    return element.select_one("p, div, section, ul, ol, dl, table, h1, h2, h3, form, article") is None


def _first_match(document: Document, tree: turbohtml.Document, element: Element) -> str:
    """The most robust selector whose first match is the element; empty if only its place tells it."""
    proposals = propose(document, path_of(element))
    return next((each.selector for each in proposals[:-1] if tree.select_one(each.selector) is element), "")


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
