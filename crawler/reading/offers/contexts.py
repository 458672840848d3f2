"""Which parts of a page stand beside its content: navigation, footers, tag clouds, side bars."""

from __future__ import annotations

import turbohtml
from turbohtml import Element

from crawler.reading.selectors.names import words_of

_TAGS = frozenset(["nav", "footer", "aside", "form", "head", "noscript", "template", "svg", "select"])
_ROLES = frozenset(
    ["navigation", "contentinfo", "banner", "menu", "menubar", "search", "complementary", "dialog"]
)
_WORDS = frozenset(
    [
        "nav",
        "navigation",
        "navbar",
        "menu",
        "footer",
        "breadcrumb",
        "breadcrumbs",
        "tagcloud",
        "cloud",
        "tags",
        "pagination",
        "pager",
        "paging",
        "sidebar",
        "cookie",
        "cookies",
        "social",
        "share",
        "sharing",
        "toc",
        "langs",
        "language",
        "languages",
        "facet",
        "facets",
        "filters",
        "legal",
        "copyright",
    ]
)


class Contexts:
    """Remembers what each element of a document is part of."""

    def __init__(self, tree: turbohtml.Document) -> None:
        heading = tree.select_one("h1")
        main = tree.select_one("main, [role=main]")
        self._of_content = {
            up for part in (heading, main) if part is not None for up in (part, *part.ancestors)
        }
        self._known: dict[Element, bool] = {}

    def is_aside(self, element: Element) -> bool:
        """Whether an element is, or is within, what stands beside the content."""
        if (known := self._known.get(element)) is None:
            parent = element.parent
            known = self._says_so(element) or (isinstance(parent, Element) and self.is_aside_of(parent))
            self._known[element] = known
        return known

    def is_aside_of(self, element: Element) -> bool:
        """The same, in a loop: trees may be thousands of levels deep."""
        chain: list[Element] = []
        node: object = element
        while isinstance(node, Element) and node not in self._known:
            chain.append(node)
            node = node.parent
        aside = isinstance(node, Element) and self._known[node]
        for each in reversed(chain):
            aside = self._known[each] = aside or self._says_so(each)
        return aside

    def _says_so(self, element: Element) -> bool:
        if element in self._of_content:
            return False  # a wrapper of the whole page may be called "with-sidebar"
        if element.tag in _TAGS or element.attr("role") in _ROLES or element.attr("hidden") is not None:
            return True
        if element.tag == "header":
            return element.closest("article, main, li, section") is None
        names = f"{element.attr('class') or ''} {element.attr('id') or ''}"
        return bool(names.strip()) and not _WORDS.isdisjoint(words_of(names))
