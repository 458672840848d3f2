"""HTML by turbohtml: the tree that browsers make (HTML standard, section 13.2), for text, links and head.

What this module and :mod:`crawler.reading.fields` know of the engine is its tree, which XML is read into too.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import cast

import turbohtml
from turbohtml import DocumentFragment, Element, Namespace, XPath
from turbohtml.clean import strip_comments_node

from crawler.reading.document import MAX_LINKS, MAX_TITLE, Document
from crawler.reading.text import fold, storable

_SPACES = tuple(char for char in map(chr, range(0x3001)) if char.isspace() and char != " ")
_ASCII_SPACES = tuple(char for char in _SPACES if char.isascii())
_NORMALIZE_SPACE, _NO_PAGE = XPath("normalize-space($text)", smart_strings=False), turbohtml.parse("")
_UNSEEN = "head, iframe, noscript, script, style, template, title"
# Phrasing content (HTML standard, section 3.2.5.2.5), obsolete elements too, without those that browsers show
# as boxes. Any other element ends a word, also one of a name that HTML does not know.
_WITHIN_WORDS = (
    "a, abbr, acronym, b, bdi, bdo, big, blink, cite, code, data, del, dfn, em, font, i, ins, kbd, mark,"
    " nobr, q, s, samp, small, span, strike, strong, sub, sup, time, tt, u, var, wbr"
)


def read_html(text: str, encoding: str, agent: str) -> Document:
    """Read decoded HTML. ``agent``, in lower case, is a name of meta elements for us, as ``robots`` is."""
    if not text:
        return Document(encoding)
    tree = parse_html(text)
    _open_templates(tree)
    root = cast(Element, tree.root)
    if "<!--" in text:
        # The texts that a comment splits: to a reader, and to a rule, they are one.
        strip_comments_node(root)
        root.normalize()
    document = Document(encoding, _text(root), tree, link_encoding=encoding)
    _scan_head(document, tree, agent)
    _scan_links(document, tree)
    return document


def parse_html(text: str) -> turbohtml.Document:
    """The tree of the HTML standard, as a browser makes it that runs no scripts."""
    return turbohtml.parse(text, positions=False, allow_declarative_shadow_roots=False)


def _open_templates(tree: turbohtml.Document) -> None:
    """Leave of templates what people see: the content of a declared shadow root, in its place."""
    for template in tree.find_all("template"):
        content = template.children[0] if len(template) else None
        if template.attr("shadowrootmode") is not None and isinstance(content, DocumentFragment):
            template.replace_with(*content.children)
        else:
            template.clear()


def _text(root: Element) -> str:
    """The folded text that a reader sees: no head, no scripts. Blocks are separated by spaces."""
    copy = deepcopy(root).remove(_UNSEEN).strip_tags(_WITHIN_WORDS)
    copy.normalize()
    return _folded(" ".join(copy.stripped_strings))


def _folded(text: str) -> str:
    """:func:`crawler.reading.text.fold` in a third of the time: no list of a long text's words is made."""
    for space in _ASCII_SPACES if text.isascii() else _SPACES:
        if space in text:
            text = text.replace(space, " ")
    return storable(str(_NORMALIZE_SPACE(_NO_PAGE, text=text)) if "  " in text else text.strip())


def _scan_head(document: Document, tree: turbohtml.Document, agent: str) -> None:
    """Note title, base, meta robots (also those for ``agent``) and declared canonical."""
    document.title = next((_title(title) for title in tree.find_all("title") if _is_html(title)), "")
    bases = (base.attr("href") for base in tree.find_all("base"))
    document.base = next((href for href in bases if href is not None), "")
    for meta in tree.find_all("meta"):
        if (meta.attr("name") or "").strip().lower() in {"robots", agent}:
            document.meta_robots.append(meta.attr("content") or "")
    for link in tree.find_all("link"):
        href = link.attr("href")
        if href and "canonical" in _rel_of(link):
            document.declared_canonical = href
            break


def _title(title: Element) -> str:
    """The standard's ``document.title`` (section 3.1.4) of a title element of HTML."""
    return fold(title.text)[:MAX_TITLE]


def _is_html(element: Element) -> bool:
    """A title in SVG belongs to its picture."""
    return element.namespace is Namespace.HTML


def _scan_links(document: Document, tree: turbohtml.Document) -> None:
    """Note the targets of links: the next and previous pages that the head names, then those of anchors."""
    for link in tree.find_all("link"):
        if not {"next", "prev"}.isdisjoint(rel := _rel_of(link)):
            document.add_link(link.attr("href") or None, nofollow="nofollow" in rel)
    nofollow = {anchor for anchor in tree.select("a[rel], area[rel]") if "nofollow" in _rel_of(anchor)}
    for anchor in _anchors(tree):
        href = anchor.attr("href")
        document.add_link(_xlink_of(anchor) if href is None else href, nofollow=anchor in nofollow)
        if len(document.hrefs) >= MAX_LINKS:
            break


def _anchors(tree: turbohtml.Document) -> list[Element]:
    """In document order. Areas are rare, and the engine has an index of the elements of one name."""
    return tree.select("a, area") if tree.find_all("area", limit=1) else tree.find_all("a")


def _xlink_of(anchor: Element) -> str | None:
    """The older attribute of links in SVG."""
    return None if _is_html(anchor) else anchor.attr("xlink:href")


def _rel_of(link: Element) -> Sequence[str]:
    """The words of the ``rel`` of a link, in lower case."""
    rel = link.attr("rel")
    return rel.lower().split() if rel else ()
