"""Which blocks of two versions of a page differ: by selectors that match the same block on similar pages.

Both trees are aligned from the root down, by what their elements show and else by their names. Where they
differ, the nearest element that has a name is the block; of a list it is all its items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from crawler.reading.content.nodes import Node
from crawler.reading.text import fold

MOST = 40  # blocks of one pair of versions
_LONGEST = 200  # characters of a selector
_LARGEST = 250_000  # pairs of children; of longer lists the list itself differs
_LEVELS = 6  # above an element in which a name is looked for
_BY_PLACE = frozenset(("div", "span", "ul", "ol", "dl", "table"))
_NO_BLOCKS = frozenset(("html", "body"))


class Differences:
    """The blocks in which two versions differ, by their selectors."""

    def __init__(self, before: Node | None, after: Node | None) -> None:
        self.selectors: dict[str, bool] = {}  # whether such a block stands where the other version has none
        self.elsewhere = False  # they differ too where no block has a name
        for node, alone in _changed(before, after):
            self._add(node, alone=alone)

    def _add(self, node: Node, *, alone: bool) -> None:
        selector = selector_of(node)
        if selector is None or (selector not in self.selectors and len(self.selectors) >= MOST):
            self.elsewhere = True
        else:
            self.selectors[selector] = alone or self.selectors.get(selector, False)


def selector_of(node: Node) -> str | None:
    """A selector of the block that a node is, or is in; None where nothing near has a name."""
    for _ in range(_LEVELS):
        if node.element.tag in _NO_BLOCKS:
            return None
        name = node.name
        if name is not None:
            return _short(name.selector)
        if node.parent is None:
            return None
        if placed := _placed(node, node.parent):
            return _short(placed)
        node = node.parent
    return None


def _short(selector: str) -> str | None:
    return selector if len(selector) <= _LONGEST else None


def _placed(node: Node, parent: Node) -> str | None:
    """Below a parent that has a name, by its place; but not of what an author may write more or less of."""
    tag, name = node.element.tag, parent.name
    if name is None or tag not in _BY_PLACE or parent.own:
        return None
    if parent.element.tag in {"article", "main", *_NO_BLOCKS}:
        return None
    alike = [each for each in parent.element.children if getattr(each, "tag", None) == tag]
    step = tag if len(alike) == 1 else f"{tag}:nth-of-type({alike.index(node.element) + 1})"
    return f"{name.selector} > {step}"


def _changed(before: Node | None, after: Node | None) -> Iterator[tuple[Node, bool]]:
    """The lowest nodes that hold a difference, of the later version; and whether the other has none there."""
    if before is None or after is None:
        yield from ((node, True) for node in (before, after) if node is not None)
    elif before.digest != after.digest:
        pairs = _aligned(before.children, after.children)
        if before.own != after.own or pairs is None:
            yield after, False
        for one, other in pairs or ():
            yield from _changed(one, other)


_Pair = tuple[Node | None, Node | None]


def _aligned(before: Sequence[Node], after: Sequence[Node]) -> list[_Pair] | None:
    """Children of two elements in pairs, those that show the same left out; None if they are too many."""
    if len(before) * len(after) > _LARGEST:
        return None
    pairs: list[_Pair] = []
    same = SequenceMatcher(None, _digests(before), _digests(after), autojunk=False)
    for tag, first, last, other_first, other_last in same.get_opcodes():
        if tag != "equal":
            pairs += _by_names(before[first:last], after[other_first:other_last])
    return pairs


def _by_names(before: Sequence[Node], after: Sequence[Node]) -> Iterator[_Pair]:
    names = SequenceMatcher(None, list(map(_name, before)), list(map(_name, after)), autojunk=False)
    for tag, first, last, other_first, other_last in names.get_opcodes():
        ones, others = before[first:last], after[other_first:other_last]
        if tag == "equal":
            yield from zip(ones, others, strict=True)
        else:
            yield from ((node, None) for node in ones)
            yield from ((None, node) for node in others)


def _digests(nodes: Sequence[Node]) -> list[int]:
    return [node.digest for node in nodes]


def _name(node: Node) -> tuple[str, str]:
    name = node.name
    return node.element.tag, name.selector if name else fold(node.element.attr("class") or "")
