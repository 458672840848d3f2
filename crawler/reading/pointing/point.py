"""The entry: a document, the collection so far and the chosen element in; what is shown of them out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from turbohtml import Element, SelectorSyntaxError

from crawler.collections import Collection
from crawler.reading.document import Document
from crawler.reading.offers.block_fields import fields_of
from crawler.reading.offers.offer import build
from crawler.reading.pointing.choices import Tree, Within, field_choices, list_choices
from crawler.reading.pointing.pointing import Around, Pointing
from crawler.reading.pointing.rendering import Marks, numbered, render
from crawler.reading.selectors.simple import simple_selectors

AROUND = 6  # elements around the chosen one that can be chosen next


def point(
    document: Document,
    collection: Collection | None = None,
    at: int | None = None,
    *,
    stored: Sequence[Document] = (),
    fill: bool = False,
) -> Pointing:
    """What is shown of a page that somebody points at.

    ``at`` is the number of the chosen element in document order, ``stored`` are other pages of the same kind,
    and ``fill`` gives the collection the fields that most of its items have.
    """
    if document.tree is None or document.tree.root is None:
        return Pointing(problem="This is no page of HTML or XML: there is nothing to point at.")
    try:
        items = items_of(document.tree, collection)
    except SelectorSyntaxError as error:
        return Pointing(problem=f"The rule of the items cannot be read: {error}.")
    if fill and collection is not None and items:
        collection = filled(collection, items)
    elements = numbered(document.tree)
    chosen = elements[at] if at is not None and 0 <= at < len(elements) else None
    marks = Marks(frozenset(items), frozenset(_field_elements(document.tree, collection, items)), chosen)
    shown = Pointing(
        collection=collection.plain() if collection else None,
        items=len(items),
        stored=len(stored),
        page=render(elements, marks),
    )
    if chosen is None:
        return shown
    trees = [page.tree for page in stored if page.tree is not None]
    return _with_choices(shown, document, collection, items, chosen, trees)


def _with_choices(
    shown: Pointing,
    document: Document,
    collection: Collection | None,
    items: Sequence[Element],
    chosen: Element,
    trees: Sequence[Tree],
) -> Pointing:
    ups = _around(chosen)
    item = next((each for each in (chosen, *ups) if each in items), None)
    within = _within(document, collection, items, item)
    numbers = {element: number for number, element in enumerate(numbered(_tree(document)))}
    return msgspec.structs.replace(
        shown,
        at=numbers[chosen],
        words=words_of_element(chosen),
        in_item=item is not None,
        around=[Around(numbers[up], words_of_element(up)) for up in ups[:AROUND]],
        lists=[] if item is not None else list_choices(document, chosen, trees),
        fields=field_choices(document, chosen, within, trees) if within else [],
    )


def _within(
    document: Document, collection: Collection | None, items: Sequence[Element], item: Element | None
) -> Within | None:
    """Where fields are looked for: in items, or on the page as long as there are no items."""
    if collection is not None and collection.items is not None:
        return Within(items, item, collection.items.rule) if item is not None else None
    root = _tree(document).root
    return Within([root], root) if root is not None else None


def _tree(document: Document) -> Tree:
    if document.tree is None:
        raise LookupError("The document has no elements.")
    return document.tree


def items_of(tree: Tree, collection: Collection | None) -> list[Element]:
    """The items of a collection; none without a rule of the kind ``css``."""
    rule = collection.items if collection else None
    return tree.select(rule.rule) if rule is not None and rule.kind == "css" else []


def filled(collection: Collection, items: Sequence[Element]) -> Collection:
    """The collection with the fields that most of its items have, beside those that it has already."""
    offer = build(collection.name, "", fields_of(items), items=collection.items)
    if offer is None:
        return collection
    rules = {field.rules[0] for field in collection.fields}
    names = {field.name for field in collection.fields}
    new = [each for each in offer.collection.fields if each.rules[0] not in rules and each.name not in names]
    fields = (*collection.fields, *new)
    key = collection.key or tuple(name for name in offer.collection.key if name in {f.name for f in fields})
    return msgspec.structs.replace(collection, fields=fields, key=key)


def _field_elements(tree: Tree, collection: Collection | None, items: Sequence[Element]) -> list[Element]:
    """The elements whose values are fields already."""
    scopes: Sequence[Element | Tree] = items or [tree]
    selectors = [
        field.rules[0].rule.partition("::")[0]
        for field in (collection.fields if collection else ())
        if field.rules[0].kind == "css"
    ]
    matches = [scope.select_one(selector) for scope in scopes for selector in selectors if selector]
    return [match for match in matches if match is not None]


def _around(element: Element) -> list[Element]:
    ups: list[Element] = []
    node = element.parent
    while isinstance(node, Element) and node.tag not in {"html", "body"}:
        ups.append(node)
        node = node.parent
    return ups


def words_of_element(element: Element) -> str:
    """Its tag, with the first name it has: ``li.product``, ``div#main``, ``span[itemprop="price"]``."""
    name = next((simple.selector for simple in simple_selectors(element) if not simple.bare), "")
    return name if name.startswith(element.tag) else f"{element.tag}{name}"
