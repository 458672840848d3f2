"""A look at the blocks of a page: what each shows in two versions, and whether it may be left out at all.

What a person or a rule came for is no noise, however often it changes: the heading, the main text, most of a
page, and what a field reads. Whether a field reads a block is tried: it is taken away, and the page read
again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
import turbohtml
from turbohtml import Element

from crawler.reading.content.block_changes import MOVED, BlockChange, change_of
from crawler.reading.content.blocks import Differences
from crawler.reading.content.nodes import TARGET, Node, nodes_of, pieces_of
from crawler.reading.content.noise import NO_NOISE, Noise
from crawler.reading.document import Document
from crawler.reading.extractor import Extractor
from crawler.reading.main_text import read_main_text
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord

_MOST_OF_MAIN = 0.2  # of the main text: what holds more is a part of it
_MOST_OF_PAGE = 0.3
_LEAST = 12  # characters of a piece that is looked for in the main text
_AGENT = "robots"
_HEADINGS = "title, h1"


class BlockLook(msgspec.Struct, frozen=True, kw_only=True):
    """What a pair of versions says of a block that is on one of them."""

    change: BlockChange | None = None  # None: it is the same
    kept: str = ""  # why it is no noise, in words
    within_main: bool = False  # it is a small part of the main text
    within: list[str] = []  # other blocks in it


@dataclass
class Version:
    """A stored version of a page."""

    body: bytes
    content_type: str
    url: str
    extractor: Extractor  # without own code
    noise: Noise = NO_NOISE  # what is left out already
    _kept: dict[str, str] = field(default_factory=dict)
    _matches: dict[str, set[Element]] = field(default_factory=dict)

    @cached_property
    def document(self) -> Document:
        """The page. Raises :class:`crawler.reading.sources.source.Unreadable`."""
        return self._read()

    @cached_property
    def tree(self) -> turbohtml.Document | None:
        """What is shown, without the elements of noise; None for what is no markup."""
        return _without(self._read(), self.noise.selector) if self.noise.selector else self.document.tree

    @cached_property
    def root(self) -> Node | None:
        """The nodes of the tree."""
        return nodes_of(self.tree, self.noise) if self.tree is not None else None

    def matches(self, selector: str) -> set[Element]:
        """The elements of a block."""
        if selector not in self._matches:
            self._matches[selector] = set(self.tree.select(selector)) if self.tree is not None else set()
        return self._matches[selector]

    def pieces(self, selector: str, others: Iterable[str] = ()) -> list[str]:
        """The texts of a block, without those of other blocks within it."""
        outer = self.matches(selector)
        if self.root is None or not outer:
            return []
        inner = {element for other in others if other != selector for element in self.matches(other)}
        return pieces_of(self.root, outer, inner)

    def shows_the_same(self, other: Version, selector: str) -> bool:
        """Whether both versions have a block, with the same in it."""
        return self.pieces(selector) == other.pieces(selector) != []

    def within(self, selector: str, others: Iterable[str]) -> list[str]:
        """Those of the other blocks that stand within a block."""
        outer = self.matches(selector)
        return [
            other
            for other in others
            if other != selector and any(not outer.isdisjoint(each.ancestors) for each in self.matches(other))
        ]

    def kept(self, selector: str) -> str:
        """Why a block is no noise, in words; empty if it may be."""
        if selector not in self._kept:
            self._kept[selector] = self._why_kept(selector)
        return self._kept[selector]

    def is_within_main(self, pieces: Collection[str]) -> bool:
        """Whether most of a block stands in the main text."""
        return 2 * self._in_main(pieces) > sum(map(len, pieces))

    def _why_kept(self, selector: str) -> str:
        pieces = [piece for piece in self.pieces(selector) if not piece.startswith(TARGET)]
        if self._holds_heading(self.matches(selector)):
            return "it holds the heading"
        if self._in_main(pieces) > _MOST_OF_MAIN * len(self._main):
            return "it holds a large part of the main text"
        if sum(map(len, pieces)) > _MOST_OF_PAGE * len(self.document.text):
            return "it is a large part of the page"
        return "a field reads it" if self._read_without(selector) != self._records else ""

    def _holds_heading(self, matches: set[Element]) -> bool:
        headings = self.tree.select(_HEADINGS) if self.tree is not None else []
        return any(_is_within(heading, matches) or not matches.isdisjoint(heading.descendants)
                   for heading in headings)  # fmt: skip

    def _in_main(self, pieces: Collection[str]) -> int:
        return sum(len(piece) for piece in pieces if len(piece) >= _LEAST and piece in self._main)

    @cached_property
    def _main(self) -> str:
        return read_main_text(self.document).text

    @cached_property
    def _records(self) -> list[ReadRecord]:
        return self.extractor.read(self.document)

    def _read_without(self, selector: str) -> list[ReadRecord]:
        document = self._read()
        _without(document, selector)
        return self.extractor.read(document)

    def _read(self) -> Document:
        document = read_document(self.body, self.content_type, _AGENT)
        document.url, document.body = self.url, self.body
        return document


class PairLooks(msgspec.Struct, frozen=True, kw_only=True):
    """What two versions of a page say of the blocks that one of them has, by selector."""

    blocks: dict[str, BlockLook]
    elsewhere: bool  # they differ too where no block is


def looks_at(before: Version, after: Version, found: Differences, known: Iterable[str]) -> PairLooks:
    """A look at the blocks that differ, and at those that are known already."""
    selectors = list(dict.fromkeys([*found.selectors, *known]))
    blocks = {}
    for selector in selectors:
        version = after if after.matches(selector) else before
        if version.matches(selector):
            blocks[selector] = _look(before, after, version, selector, found)
            blocks[selector].within.extend(version.within(selector, selectors))
    return PairLooks(blocks=blocks, elsewhere=found.elsewhere)


def _look(before: Version, after: Version, version: Version, selector: str, found: Differences) -> BlockLook:
    """A difference is that of the innermost block; of those around it, only what differs beside counts."""
    if selector not in found.selectors:
        return BlockLook()
    change = change_of(before.pieces(selector, found.selectors), after.pieces(selector, found.selectors))
    if change is None and found.selectors[selector] and before.shows_the_same(after, selector):
        change = MOVED
    return BlockLook(
        change=change,
        kept=version.kept(selector),
        within_main=version.is_within_main(version.pieces(selector)),
    )


def differences(before: Version, after: Version) -> Differences:
    """The blocks in which two versions differ."""
    return Differences(before.root, after.root)


def _is_within(element: Element, matches: set[Element]) -> bool:
    return element in matches or not matches.isdisjoint(element.ancestors)


def _without(document: Document, selector: str) -> turbohtml.Document | None:
    for element in document.tree.select(selector) if document.tree is not None else ():
        element.decompose()
    return document.tree
