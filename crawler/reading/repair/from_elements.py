"""Rules for values in elements: selectors, words beside the value, headings of columns, meta elements."""

from __future__ import annotations

from collections.abc import Iterator

from turbohtml import Element

from crawler.collections import Rule
from crawler.reading.fields.kind import Place
from crawler.reading.repair.candidate import Attempt
from crawler.reading.repair.values import Wanted
from crawler.reading.selectors.propose import path_of, propose, propose_within
from crawler.reading.structured.grid import grid_of
from crawler.reading.text import fold

MOST_ELEMENTS = 5000  # of a place that are looked at
LABEL = 40  # characters
_TELLING = ("itemprop", "property", "data-testid", "data-test", "data-qa", "data-field", "name")
_UNSEEN = frozenset(("script", "style", "head", "title", "html", "body", "noscript", "template"))


def element_attempts(place: Place, wanted: Wanted) -> Iterator[Attempt]:
    """Rules for the elements of a place that may hold a value."""
    root = place.document.tree if place.part is None else place.part
    if root is None or isinstance(root, dict | list):
        return
    elements = [each for each in root.descendants if isinstance(each, Element)][:MOST_ELEMENTS]
    if isinstance(root, Element):
        yield from _own(root, wanted)
    for element in elements:
        if element.tag == "meta":
            yield from _meta(element, wanted)
        elif element.tag not in _UNSEEN:
            yield from _of_element(element, place, wanted)


def _own(item: Element, wanted: Wanted) -> Iterator[Attempt]:
    """What the item itself says: an attribute."""
    for name, value in item.attrs.items():
        if name not in {"class", "style"} and isinstance(value, str) and wanted.may_be(fold(value)):
            yield Attempt(Rule("css", f"::attr({name})"), 0.5)


def _meta(meta: Element, wanted: Wanted) -> Iterator[Attempt]:
    if wanted.may_be(fold(meta.attr("content") or "")):
        for attribute in ("property", "name", "itemprop"):
            if name := meta.attr(attribute):
                yield Attempt(Rule("meta", name), 0.1)


def _of_element(element: Element, place: Place, wanted: Wanted) -> Iterator[Attempt]:
    endings = list(_endings(element, wanted))
    if not endings:
        return
    for ending in endings:
        for selector, frailty in _selectors(element, place):
            yield Attempt(Rule("css", f"{selector}{ending}"), frailty + 0.1 * bool(ending))
        if ending.startswith("::attr(") and (name := ending[7:-1]).startswith("data-"):
            yield Attempt(Rule("css", f"[{name}]{ending}"), 0.6)
    if "" in endings:
        yield from _beside(element, place)
        yield from _column(element, place)


def _endings(element: Element, wanted: Wanted) -> Iterator[str]:
    text = fold(element.text)
    if wanted.may_be(text):
        yield ""
        if len(element) > 1:
            yield "::own-text"
    for name, value in element.attrs.items():
        if name not in {"class", "style", "id"} and isinstance(value, str) and wanted.may_be(fold(value)):
            yield f"::attr({name})"


def _selectors(element: Element, place: Place) -> Iterator[tuple[str, float]]:
    path = path_of(element)
    if place.part is None:
        proposals = propose(place.document, path)
    else:
        proposals = propose_within(place.document, path_of(place.part), path)
    for proposal in proposals:
        yield proposal.selector, _frailty(proposal.selector, proposal.why)


def _frailty(selector: str, why: str) -> float:
    if why == "its place in the tree":
        return 5 + selector.count(">") * 0.1
    telling = any(f"[{name}=" in selector for name in _TELLING)
    kinds = {"its id": 0.8, "its class": 1.0, "its tag": 2.0}
    return (0.3 if telling else kinds.get(why.split(",")[0], 1.5)) + 0.3 * selector.count(" ")


def _beside(element: Element, place: Place) -> Iterator[Attempt]:
    """By the words that stand before the value: ``<dt>Price</dt><dd>``, ``<th>Price</th><td>``."""
    label = _element_before(element)
    if label is None:
        return
    words = fold(label.text)
    if not 1 < len(words) <= LABEL or "'" in words or any(char.isdigit() for char in words):
        return
    start = "//" if place.part is None else ".//"
    yield Attempt(Rule("xpath", f"{start}{label.tag}[.='{words}']/following-sibling::{element.tag}[1]"), 0.9)


def _element_before(element: Element) -> Element | None:
    siblings = (
        [each for each in element.parent.children if isinstance(each, Element)] if element.parent else []
    )
    at = siblings.index(element)
    return siblings[at - 1] if at else None


def _column(element: Element, place: Place) -> Iterator[Attempt]:
    """By the heading of the column, in an item that is a row."""
    if not isinstance(place.part, Element) or place.part.tag != "tr":
        return
    cell = element if element.tag in {"td", "th"} else element.closest("td, th")
    grid = grid_of(place.document, place.part)
    number = grid.at.get(place.part) if grid is not None else None
    if grid is None or number is None or cell is None or cell not in grid.cells[number]:
        return
    column = grid.cells[number].index(cell)
    for row in grid.cells[:number]:
        heading = row[column] if column < len(row) else None
        if heading is not None and heading.tag == "th" and (words := fold(heading.text)):
            yield Attempt(Rule("column", words), 0.7)
