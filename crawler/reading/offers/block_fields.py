"""The fields of the items of a list: texts, links, pictures, times and attributes that most of them have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from turbohtml import Element, Text

from crawler.collections import Rule
from crawler.reading.offers.guess import field_name, looks_like
from crawler.reading.offers.offer import Seen
from crawler.reading.selectors.names import is_word, words_of
from crawler.reading.selectors.propose import relative_selector
from crawler.reading.selectors.simple import classes_of
from crawler.reading.text import fold

COVERAGE = 0.5  # of the items have a field, at least
READ = 200  # items whose values are compared
PARTS = 60  # of an item that are looked at
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "br",
        "cite",
        "code",
        "data",
        "em",
        "i",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "wbr",
    ]
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_PICTURES = ("src", "data-src", "data-original")
_NOT_CONTENT = frozenset(
    ["script", "style", "template", "noscript", "button", "select", "textarea", "input", "label", "svg"]
)
_EMPTY_WORDS = frozenset(
    [
        "text",
        "value",
        "info",
        "content",
        "body",
        "link",
        "title-link",
        "label",
        "field",
        "data",
        "wrapper",
        "inner",
    ]
)


class Part(msgspec.Struct, frozen=True):
    """A value within an item: the ending says what is taken of the element."""

    element: Element
    ending: str
    name: str


def fields_of(items: Sequence[Element]) -> list[Seen]:
    """The fields that at least half of the items have and that are not the same in all, in document order."""
    read = items[:READ]
    richest = max(read[:20], key=lambda item: sum(1 for _ in _parts(item)))
    fields: dict[str, Seen] = {}
    for item in dict.fromkeys((richest, read[0])):
        for part in _parts(item):
            selector = "" if part.element is item else relative_selector(part.element, item)
            rule = f"{selector}{part.ending}"
            if rule and rule not in fields:
                texts = [read_part(each, selector, part.ending) for each in items]
                fields[rule] = Seen(part.name, Rule("css", rule), texts)
    return _with_title(_worth_having(list(fields.values())))


def parts_of(element: Element, item: Element) -> list[Part]:
    """The values of one element of an item: text, link, picture; the attributes of an item."""
    taken = tuple(word for each in classes_of(item) for word in words_of(each))
    text = _text(element, item, taken) or Part(element, "", _name(element, item, taken))
    own = _attributes(element) if element is item else ()
    texts = [text] if fold(element.text) else []
    return [*texts, *_links(element, taken), *own]


def _worth_having(fields: list[Seen]) -> list[Seen]:
    """Without those that few items have, that all have alike, or that say what another field says."""
    kept: list[Seen] = []
    for field in fields:
        values = [text for text in field.texts if text]
        same = len(set(values)) < 2
        if len(values) < COVERAGE * len(field.texts) or same:
            continue
        doubled = next((at for at, other in enumerate(kept) if _says_the_same(field, other)), None)
        if doubled is None:
            kept.append(field)
        elif len(values) > sum(map(bool, kept[doubled].texts)):
            kept[doubled] = msgspec.structs.replace(field, name=kept[doubled].name or field.name)
    return kept


def _says_the_same(field: Seen, other: Seen) -> bool:
    """Whether two fields have the same texts wherever both have one, which is often."""
    both = [(text, more) for text, more in zip(field.texts, other.texts, strict=True) if text and more]
    return len(both) >= COVERAGE * len(field.texts) and all(text == more for text, more in both)


def _with_title(fields: list[Seen]) -> list[Seen]:
    """The first text without a name of its own is the title; others are named by what they look like."""
    named, has_title = [], any(field.name in {"title", "name", "headline"} for field in fields)
    for field in fields:
        if not field.name:
            kinds = [looks_like(text) for text in field.texts if text]
            kind = max(set(kinds), key=kinds.count)
            name = {"money": "price", "date": "date", "number": "number", "url": "url"}.get(kind, "text")
            if name == "text" and not has_title:
                name, has_title = "title", True
            field = msgspec.structs.replace(field, name=name)
        named.append(field)
    return named


def read_part(item: Element, selector: str, ending: str) -> str:
    """What a rule gives of an item, as the kind ``css`` reads it."""
    element = item.select_one(selector) if selector else item
    if element is None:
        return ""
    if ending == "::text":
        return fold(_own_text(element))
    if ending:
        return fold(element.attr(ending[len("::attr(") : -1]) or "")
    return fold(element.text)


def _parts(item: Element) -> Iterator[Part]:
    """The values of an item, its own attributes first."""
    taken = tuple(word for each in classes_of(item) for word in words_of(each))
    yield from _attributes(item)
    within: set[Element] = set()
    for count, element in enumerate((item, *item.find_all())):
        if count > PARTS:
            return
        if element.tag in _NOT_CONTENT or any(up.tag in _NOT_CONTENT for up in _up_to(element, item)):
            continue
        yield from _links(element, taken)
        if not any(up in within for up in _up_to(element, item)) and (part := _text(element, item, taken)):
            if not part.ending:
                within.add(element)
            yield part


def _attributes(item: Element) -> Iterator[Part]:
    """Of the item itself: what a program of the site reads there (``data-sku``)."""
    for name in item.attrs:
        if name.startswith("data-") and is_word(name[5:]) and 0 < len(item.attr(name) or "") <= 60:
            yield Part(item, f"::attr({name})", field_name(name[5:]))


def _links(element: Element, taken: tuple[str, ...]) -> Iterator[Part]:
    if element.tag == "a" and (element.attr("href") or "#")[0] not in "#j":
        yield Part(element, "::attr(href)", "url")
    elif element.tag == "img":
        for name in _PICTURES:
            if (source := element.attr(name)) and not source.startswith("data:"):
                yield Part(element, f"::attr({name})", "image")
                return
    elif element.tag == "time" and element.attr("datetime"):
        yield Part(element, "::attr(datetime)", "date")
    elif element.tag in {"meta", "data", "link"} and (prop := element.attr("itemprop")):
        name = {"meta": "content", "data": "value", "link": "href"}[element.tag]
        if element.attr(name):
            yield Part(element, f"::attr({name})", field_name(prop, taken) or field_name(prop))


def _text(element: Element, item: Element, taken: tuple[str, ...]) -> Part | None:
    """The text of an element that has some of its own: all of it, if what is within has no name."""
    if element.tag == "time" and element.attr("datetime"):
        return None
    if not _own_text(element).strip():
        return None
    inner = element.find_all()
    whole = all(each.tag in _INLINE and not classes_of(each) and not each.attr("itemprop") for each in inner)
    ending = "" if whole and element is not item else "::text"
    return Part(element, ending, _name(element, item, taken))


def _name(element: Element, item: Element, taken: tuple[str, ...]) -> str:
    """By itemprop, by class, by a heading, by the label before it; else empty. Names nearer count more."""
    for node in (element, *_up_to(element, item)):
        if node is item:
            break
        if prop := node.attr("itemprop"):
            return field_name(prop)
        for word in classes_of(node):
            name = field_name(word, taken) or field_name(word)
            if name and name not in _EMPTY_WORDS:
                return name
        if node.tag in _HEADINGS:
            return "title"
        if node.tag not in _INLINE:
            break
    return _label(element)


def _label(element: Element) -> str:
    """The ``dt`` of a ``dd``; else empty."""
    if element.tag != "dd":
        return ""
    for before in element.previous_siblings:
        if isinstance(before, Element) and before.tag == "dt":
            return field_name(fold(before.text)[:40])
    return ""


def _up_to(element: Element, item: Element) -> list[Element]:
    """The ancestors of an element below its item."""
    ups: list[Element] = []
    node = element.parent
    while isinstance(node, Element) and node is not item and element is not item:
        ups.append(node)
        node = node.parent
    return ups


def _own_text(element: Element) -> str:
    """The first text node that says something, as ``::text`` would read it if it comes first."""
    return next((child.data for child in element.children if isinstance(child, Text)), "")
