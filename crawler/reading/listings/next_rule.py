"""The rule of a list's next page (:mod:`crawler.reading.extractor.next_page`), where a page shows one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import turbohtml
from turbohtml import Element

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.extractor.next_page import compile_next
from crawler.reading.selectors.names import words_of
from crawler.reading.selectors.propose import path_of, propose
from crawler.reading.selectors.simple import classes_of
from crawler.reading.text import fold
from crawler.rules.urls import BadUrl, origin_of, resolve

LINKS = 2_000  # of a document that are looked at
_WORDS = frozenset(
    (
        "next",
        "next page",
        "older",
        "older posts",
        "more",
        "load more",
        "show more",
        "nächste",
        "nächste seite",
    )
    + ("weiter", "mehr", "mehr laden", "suivant", "page suivante", "siguiente", "successivo", "volgende")
    + ("próxima", "следующая", "次へ", "下一页")
)
_ARROWS = "»›→>…❯⟩ "
_BUTTONS = ("data-url", "data-href", "data-next", "data-more", "data-next-url")
_PATHS = ("next", "links.next", "next_page", "nextPage", "next_url", "meta.next", "paging.next", "page.next")
_CLASS = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_PATH_NUMBER = re.compile(r"(/(?:[^\s?#/]+/)?)[0-9]{1,5}(?=/|$)")
_CURRENT = frozenset(("current", "active", "selected"))


def next_rule(document: Document) -> tuple[Rule, str] | None:
    """The rule, and the address to which it leads here; None where none leads to another page of the site."""
    for rule in _proposed(document):
        if (address := _address(document, rule)) is not None:
            return rule, address
    return None


def _address(document: Document, rule: Rule) -> str | None:
    """The one other page of the same site to which a rule leads."""
    addresses = {_resolved(link, document) for link in compile_next(rule).links(document)}
    address = addresses.pop() if len(addresses) == 1 else ""
    same = address not in ("", document.url) and origin_of(address) == origin_of(document.url)
    return address if same else None


def _resolved(link: str | None, document: Document) -> str:
    """The address to which a link leads; empty if it leads nowhere."""
    try:
        return resolve(link, resolve(document.base or document.url, document.url)) if link else ""
    except BadUrl:
        return ""


def _proposed(document: Document) -> Iterator[Rule]:
    if document.tree is None:
        if isinstance(document.data, dict):
            yield from (Rule("json", path) for path in _PATHS)
        return
    tree = document.tree
    for selector in ("a[rel~=next]", "link[rel~=next]"):
        if tree.select_one(selector) is not None:
            yield Rule("css", f"{selector}::attr(href)")
    elements = tree.select("a[href], button")[:LINKS]
    for element in (each for each in elements if _leads_on(each)):
        yield from _rules_of(document, element)
    yield from _after_the_current(tree, elements)
    yield from _counted(document, elements)


def _leads_on(element: Element) -> bool:
    """Whether an element says that it leads to the next page: by its text, its label or its class."""
    texts = (fold(element.text), element.attr("aria-label") or "", element.attr("title") or "")
    if any(text.strip(_ARROWS).lower() in _WORDS for text in texts):
        return True
    return any("next" in words_of(word) for word in classes_of(element))


def _rules_of(document: Document, element: Element) -> Iterator[Rule]:
    """The rules for an element: by its name in the page, else by its text."""
    ending = next((name for name in ("href", *_BUTTONS) if element.attr(name)), "")
    if not ending:
        return
    proposals = propose(document, path_of(element))
    yield from (
        Rule("css", f"{each.selector}::attr({ending})")
        for each in proposals
        if each.matches == 1 and ":nth" not in each.selector and each.why != "its tag"
    )
    if (text := fold(element.text)) and '"' not in text:
        yield Rule("xpath", f'//{element.tag}[normalize-space()="{text}"]/@{ending}')


def _after_the_current(tree: turbohtml.Document, links: list[Element]) -> Iterator[Rule]:
    """Page numbers: the link behind the number of this page."""
    for link in links:
        number = fold(link.text)
        step = link.parent if isinstance(link.parent, Element) and link.parent.tag == "li" else link
        before = next((each for each in step.previous_siblings if isinstance(each, Element)), None)
        if not number.isdecimal() or before is None or not _is_before(fold(before.text), number):
            continue
        for name in _names_of_current(before):
            yield Rule("css", f"{name} + {step.tag}{'' if step is link else ' a'}::attr(href)")


def _is_before(text: str, number: str) -> bool:
    return text.isdecimal() and len(number) < 9 and int(text) + 1 == int(number)


def _names_of_current(element: Element) -> Iterator[str]:
    if element.attr("aria-current") is not None:
        yield f"{element.tag}[aria-current]"
    for word in (element.attr("class") or "").split():
        if not _CURRENT.isdisjoint(words_of(word)) and _CLASS.fullmatch(word):
            yield f"{element.tag}.{word}"


def _counted(document: Document, links: list[Element]) -> Iterator[Rule]:
    """Page numbers without a mark at that of this page: the address is counted on, if that is one of them."""
    numbered = [_resolved(link.attr("href"), document) for link in links if fold(link.text).isdecimal()]
    for address in dict.fromkeys(numbered):
        own, parts = dict(parse_qsl(urlsplit(document.url).query)), urlsplit(address)
        rules = [Rule("url", f"{name}=+1") for name, _ in parse_qsl(parts.query)]
        rules += [Rule("url", f"{match[1]}+1") for match in _PATH_NUMBER.finditer(parts.path)]
        rules += [
            Rule("url", f"{name}=+{int(value) - int(own.get(name, '0'))}")
            for name, value in parse_qsl(parts.query)
            if _is_number(value) and _is_number(own.get(name, "0"))
        ]
        for rule in rules:
            if _is_usable(rule) and _address(document, rule) in numbered:
                yield rule


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 6


def _is_usable(rule: Rule) -> bool:
    try:
        compile_next(rule)
    except ValueError:
        return False
    return True
