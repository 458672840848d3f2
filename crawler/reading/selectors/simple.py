"""The selectors of one element by itself: by id, attribute, class or tag, the most robust first."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from turbohtml import Element

from crawler.reading.selectors.names import is_chosen, is_word, words_of

_TELLING = (
    "itemprop",
    "property",
    "data-testid",
    "data-test",
    "data-qa",
    "data-field",
    "data-role",
    "rel",
    "name",
)
_GENERIC = frozenset(
    [
        "a",
        "b",
        "br",
        "button",
        "dd",
        "div",
        "dt",
        "em",
        "i",
        "li",
        "p",
        "small",
        "span",
        "strong",
        "td",
        "th",
        "tr",
        "u",
        "ul",
        "ol",
        "font",
        "section",
    ]
)


class Simple(msgspec.Struct, frozen=True):
    """A selector of one compound: ``li.product``, ``[itemprop="price"]``."""

    selector: str
    why: str
    many: bool = True  # others of the page may match as well
    bare: bool = False  # a tag that says nothing: to be used below a named element


def simple_selectors(element: Element) -> Iterator[Simple]:
    """Of one element, the most robust first; the last is its bare tag."""
    tag = element.tag.replace(":", "\\:").replace(".", "\\.")
    name = element.attr("id")
    if name and is_chosen(name) and not any(word.isdigit() for word in words_of(name)):
        yield Simple(f"#{name}", "its id", many=False)
    for attribute in _TELLING:
        value = element.attr(attribute)
        if (
            value
            and len(value) <= 40
            and is_chosen(value.replace(":", "-").split()[0] if value.split() else "")
        ):
            yield Simple(f'[{attribute}="{value}"]', f"its {attribute}")
    for word in classes_of(element):
        if tag == "li" or tag == "tr":
            yield Simple(f"{tag}.{word}", "its class")
        yield Simple(f".{word}", "its class")
    yield Simple(tag, "its tag", bare=tag in _GENERIC)


def classes_of(element: Element) -> list[str]:
    """The classes that are words, as they stand."""
    return [word for word in (element.attr("class") or "").split() if is_word(word)]
