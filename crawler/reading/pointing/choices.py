"""What an element could become: a list of all like it, or a field of an item or of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import turbohtml
from turbohtml import Element

from crawler.reading.document import Document
from crawler.reading.offers.block_fields import Part, parts_of, read_part
from crawler.reading.offers.guess import field_name, plural, type_of
from crawler.reading.pointing.pointing import Choice
from crawler.reading.selectors.propose import (
    Proposal,
    all_like,
    path_of,
    propose,
    propose_within,
)
from crawler.reading.text import fold

VALUES = 3  # that are shown of a rule
LENGTH = 200  # characters of each
SELECTORS = 5  # of one field
Tree = turbohtml.Document
_NAMES = re.compile(r"[.#]([\w-]+)")


def list_choices(document: Document, element: Element, stored: Sequence[Tree]) -> list[Choice]:
    """The lists of the element and its like: those of more than texts first, then the nearest."""
    tree = document.tree
    if tree is None:
        return []
    proposals = all_like(document, path_of(element))
    proposals.sort(key=lambda each: not any(match.find_all() for match in tree.select(each.selector)[:5]))
    return [
        _counted(_list(tree, proposal), [len(page.select(proposal.selector)) for page in stored])
        for proposal in proposals
    ]


def _list(tree: Tree, proposal: Proposal) -> Choice:
    matches = tree.select(proposal.selector)
    return Choice(
        selector=proposal.selector,
        why=proposal.why,
        matches=proposal.matches,
        values=[fold(match.text)[:LENGTH] for match in matches[:VALUES]],
        name=_name_of_list(proposal.selector),
    )


def _name_of_list(selector: str) -> str:
    """By its last class or id: ``li.product`` gives ``products``."""
    words = [name for word in _NAMES.findall(selector) if (name := field_name(word))]
    return plural(words[-1]) if words else "items"


class Within(msgspec.Struct, frozen=True):
    """Items, the one that holds an element, and the rule that finds them; without a rule, whole pages."""

    items: Sequence[Element]
    item: Element
    rule: str = ""

    def on(self, page: Tree) -> list[Element]:
        """The items of another page."""
        return page.select(self.rule) if self.rule else [page.root] if page.root is not None else []


def field_choices(
    document: Document, element: Element, within: Within, stored: Sequence[Tree]
) -> list[Choice]:
    """The fields that the element could be: each of its values by its best rule, then other rules."""
    parts = parts_of(element, within.item)
    proposals = _proposals(document, element, within)
    if not parts or not proposals:
        return []
    best, *others = proposals[:SELECTORS]
    pairs = [(best, part) for part in parts] + [(other, parts[0]) for other in others]
    return [_field(proposal, part, within, stored) for proposal, part in pairs]


def _proposals(document: Document, element: Element, within: Within) -> list[Proposal]:
    if element is within.item:
        return [Proposal("", 1, "the item itself")]
    if within.rule:
        return propose_within(document, path_of(within.item), path_of(element))
    return propose(document, path_of(element))


def _field(proposal: Proposal, part: Part, within: Within, stored: Sequence[Tree]) -> Choice:
    """The choice of a rule. Robust ones come first, so its first match in each item is what counts."""
    texts = [read_part(item, proposal.selector, part.ending) for item in within.items]
    first = read_part(within.item, proposal.selector, part.ending)
    filled = [text[:LENGTH] for text in texts if text]
    name = part.name or _plain_name([first])
    choice = Choice(
        selector=f"{proposal.selector}{part.ending}",
        why=proposal.why,
        matches=len(filled) if within.rule else proposal.matches,
        of=len(within.items) if within.rule else 0,
        values=filled[:VALUES],
        name=name,
        type=type_of(name, filled),
    )
    return _counted(choice, [_matches(page, proposal.selector, within) for page in stored])


def _matches(page: Tree, selector: str, within: Within) -> int:
    if not within.rule:
        return len(page.select(selector))
    return sum(not selector or item.select_one(selector) is not None for item in within.on(page))


def _plain_name(texts: Sequence[str]) -> str:
    kind = type_of("", texts)
    return {"money": "price", "text": "title"}.get(kind, kind)


def _counted(choice: Choice, counts: Sequence[int]) -> Choice:
    return msgspec.structs.replace(choice, stored_matches=sum(counts), stored_pages=sum(map(bool, counts)))
