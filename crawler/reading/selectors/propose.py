"""Proposals of selectors for one element: on its page, among all like it, or within an item.

An element is named by its path in the tree: the position among the elements of its parent, from the root
down. Robust selectors come first: an id, an attribute with a meaning, a class that is a word; then the same
below an ancestor that has such a name; the place among its siblings comes last: the next redesign moves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import turbohtml
from turbohtml import Element

from crawler.reading.document import Document
from crawler.reading.selectors.simple import Simple, simple_selectors

MOST = 8  # proposals
ANCESTORS = 6  # levels above an element in which a name is looked for
ENOUGH_ALIKE = 0.5  # of the tags within two elements: then they are of like structure

Path = tuple[int, ...]


class Proposal(msgspec.Struct, frozen=True):
    """A selector, how many elements of the page (or of the item) it matches, and why it is proposed."""

    selector: str
    matches: int
    why: str  # words for people


def propose(document: Document, path: Path) -> list[Proposal]:
    """Selectors that match the element at ``path``, robust ones first; of equal ones, those of fewer matches.

    Raises LookupError when the document has no such element.
    """
    tree = _tree(document)
    element = element_at(tree, path)
    return list(_proposals(element, tree, tree))


def propose_within(document: Document, item: Path, path: Path) -> list[Proposal]:
    """The same, for rules that look within an item; LookupError when the item does not hold the element."""
    tree = _tree(document)
    root, element = element_at(tree, item), element_at(tree, path)
    if path[: len(item)] != item or path == item:
        raise LookupError("The item does not hold this element.")
    return list(_proposals(element, root, root))


def all_like(document: Document, path: Path) -> list[Proposal]:
    """Selectors of a list: for the element and all of like structure; if it is alone, for what holds it.

    Each matches at least two elements. The nearest element that has its like comes first.
    """
    tree = _tree(document)
    proposals: dict[str, Proposal] = {}
    element: object = element_at(tree, path)
    while isinstance(element, Element) and element.tag not in {"html", "body"} and len(proposals) < MOST:
        for simple, selector in list_selectors(element):
            matches = [match for match in tree.select(selector) if alike(element, match)]
            if len(matches) > 1 and len(matches) == len(tree.select(selector)):
                proposals.setdefault(selector, Proposal(selector, len(matches), simple.why))
        element = element.parent
    return list(proposals.values())[:MOST]


def list_selectors(element: Element) -> Iterator[tuple[Simple, str]]:
    """What could match an element and its like: never an id, for that names one."""
    for simple in simple_selectors(element):
        if simple.many and not simple.bare:
            yield simple, simple.selector
        elif simple.many:
            for parent in _named_ancestors(element, None):
                yield simple, f"{parent.selector} {'> ' if parent.near else ''}{simple.selector}"
                break


def alike(one: Element, other: Element) -> bool:
    """Whether two elements have the same tag and most of the tags within them."""
    if one.tag != other.tag:
        return False
    tags, others = _tags(one), _tags(other)
    return len(tags & others) >= ENOUGH_ALIKE * len(tags | others)


def _tags(element: Element) -> set[str]:
    return {child.tag for child in element.descendants if isinstance(child, Element)} or {""}


def relative_selector(element: Element, item: Element) -> str:
    """The most robust selector whose first match within ``item`` is the element."""
    selector = ""
    for proposal in _proposals(element, item, item):
        selector = proposal.selector
        if item.select_one(selector) is element:
            break
    return selector


def _proposals(element: Element, root: Element | turbohtml.Document, top: object) -> Iterator[Proposal]:
    """Selectors that match the element below ``root``, each once; those that match too much come later."""
    seen: set[str] = set()
    unique: list[Proposal] = []
    others: list[Proposal] = []
    for why, selector in _written(element, top):
        if selector in seen:
            continue
        seen.add(selector)
        matches = root.select(selector)
        if element in matches:
            (unique if len(matches) == 1 else others).append(Proposal(selector, len(matches), why))
    yield from _mixed(unique, others)


def _mixed(unique: Sequence[Proposal], others: Sequence[Proposal]) -> list[Proposal]:
    """Those that name the element alone, then those that match others too; its place at the end."""
    *robust, place = unique or [*others]
    return [*robust, *others, place][:MOST] if unique else list(others)[:MOST]


def _written(element: Element, top: object) -> Iterator[tuple[str, str]]:
    """Why and selector, robust first: alone, below a named ancestor, by its place."""
    simples = list(simple_selectors(element))
    for simple in simples:
        if not simple.bare:
            yield simple.why, simple.selector
    ancestors = list(_named_ancestors(element, top))
    for simple in simples:
        for ancestor in ancestors[:2]:
            joint = " > " if ancestor.near else " "
            yield f"{simple.why}, {ancestor.why}", f"{ancestor.selector}{joint}{simple.selector}"
    for simple in simples:
        if simple.bare:
            yield simple.why, simple.selector
    yield "its place in the tree", place_of(element, top)


class _Ancestor(msgspec.Struct, frozen=True):
    selector: str
    near: bool  # it is the parent
    why: str


def _named_ancestors(element: Element, top: object) -> Iterator[_Ancestor]:
    """Ancestors below ``top`` with a name of their own, the nearest first."""
    parent, level = element.parent, 0
    while isinstance(parent, Element) and parent is not top and level < ANCESTORS:
        for simple in simple_selectors(parent):
            if not simple.bare:
                yield _Ancestor(simple.selector, level == 0, f"within {simple.selector}")
                break
        parent, level = parent.parent, level + 1


def place_of(element: Element, top: object) -> str:
    """A path by places, from the nearest ancestor with an id, or from ``top``."""
    steps: list[str] = []
    node: object = element
    while isinstance(node, Element) and node is not top:
        named = next((simple.selector for simple in simple_selectors(node) if not simple.many), "")
        steps.append(named or _step(node))
        if named and node is not element:
            break
        node = node.parent
    return " > ".join(reversed(steps))


def _step(element: Element) -> str:
    siblings = [sibling for sibling in _elements(element.parent) if sibling.tag == element.tag]
    name = _escaped(element.tag)
    return name if len(siblings) < 2 else f"{name}:nth-of-type({siblings.index(element) + 1})"


def _escaped(tag: str) -> str:
    return tag.replace(":", "\\:").replace(".", "\\.")


def _elements(node: object) -> list[Element]:
    children: Iterable[object] = getattr(node, "children", ())
    return [child for child in children if isinstance(child, Element)]


def _tree(document: Document) -> turbohtml.Document:
    if document.tree is None:
        raise LookupError("The document has no elements.")
    return document.tree


def element_at(tree: turbohtml.Document, path: Path) -> Element:
    """The element at a path; LookupError when there is none."""
    element: Element | None = tree.root
    for position in path:
        children = _elements(element)
        if not 0 <= position < len(children):
            raise LookupError("The page has no element there any more.")
        element = children[position]
    if element is None:
        raise LookupError("The document has no elements.")
    return element


def path_of(element: Element) -> Path:
    """The path of an element, which :func:`element_at` reads."""
    positions: list[int] = []
    node = element
    while isinstance(node.parent, Element):
        positions.append(_elements(node.parent).index(node))
        node = node.parent
    return tuple(reversed(positions))
