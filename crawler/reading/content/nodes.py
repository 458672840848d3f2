"""What people see of a tree, as nodes: elements with texts or links of their own or within them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import turbohtml
from turbohtml import Element, Text

from crawler.reading.content.noise import NO_NOISE, Noise
from crawler.reading.selectors.simple import Simple, simple_selectors
from crawler.reading.text import fold

_UNSEEN = frozenset(
    ("head", "iframe", "noscript", "script", "style", "template", "title", "svg", "object", "embed")
)
_NO_NAMES = ("[rel", "[name", "[property")  # many elements have them that have nothing in common
TARGET = "\N{RIGHTWARDS ARROW} "  # before the target of a link
_DEEPEST = 150  # levels; what lies deeper is one text


@dataclass(eq=False, slots=True)
class Node:
    """An element with what people see of it."""

    element: Element
    own: tuple[str, ...]  # the texts that stand in it directly, and where it leads to
    children: list[Node] = field(default_factory=list)
    parent: Node | None = None
    digest: int = 0  # the same for nodes that show the same

    @property
    def name(self) -> Simple | None:
        """The most robust selector of the element by itself, if it has one that says something."""
        return next((each for each in simple_selectors(self.element) if _says_something(each)), None)


def nodes_of(tree: turbohtml.Document, noise: Noise = NO_NOISE) -> Node | None:
    """The root; None for a tree that shows nothing. Elements of noise are gone from the tree already."""
    return None if tree.root is None else _node(tree.root, None, 0, noise)


def pieces_of(root: Node, outer: Collection[Element], inner: Collection[Element] = ()) -> list[str]:
    """The texts within some elements, but not those within others that are inside of these."""
    if root.element in outer:
        return list(_within(root, set(inner) - set(outer)))
    return [piece for child in root.children for piece in pieces_of(child, outer, inner)]


def _within(node: Node, without: Collection[Element]) -> Iterator[str]:
    if node.element in without:
        return
    yield from node.own
    for child in node.children:
        yield from _within(child, without)


def _says_something(simple: Simple) -> bool:
    return not simple.bare and not simple.selector.startswith(_NO_NAMES)


def _node(element: Element, parent: Node | None, depth: int, noise: Noise) -> Node | None:
    if element.tag in _UNSEEN:
        return None
    deep = depth >= _DEEPEST
    texts = [text for text in map(noise.without, _texts(element, deep=deep)) if text]
    node = Node(element, (*texts, *_target(element)), parent=parent)
    if not deep:
        within = (each for each in element.children if isinstance(each, Element))
        children = (_node(each, node, depth + 1, noise) for each in within)
        node.children = [child for child in children if child is not None]
    if not node.own and not node.children:
        return None
    node.digest = hash((node.own, *(child.digest for child in node.children)))
    return node


def _texts(element: Element, *, deep: bool) -> list[str]:
    if deep:
        return [fold(element.text)]
    return [fold(each.data) for each in element.children if isinstance(each, Text)]


def _target(element: Element) -> list[str]:
    """Where a link leads to; what follows a question mark is a token more often than not."""
    href = element.attr("href") if element.tag in {"a", "area"} else None
    return [f"{TARGET}{href.partition('#')[0].partition('?')[0]}"] if href else []
