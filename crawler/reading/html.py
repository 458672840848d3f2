"""HTML by turbohtml: the tree that browsers make (HTML standard, section 13.2), for text, links and head.

What this module and :mod:`crawler.reading.fields` know of the engine is its tree, which XML is read into too.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from itertools import chain
from typing import cast

import turbohtml
from turbohtml import DocumentFragment, Element, Namespace, XPath
from turbohtml.clean import strip_comments_node

from crawler.reading.document import MAX_TITLE, Document
from crawler.reading.refresh import read_refresh
from crawler.reading.text import fold, storable

_SPACES = tuple(char for char in map(chr, range(0x3001)) if char.isspace() and char != " ")
_ASCII_SPACES = tuple(char for char in _SPACES if char.isascii())
_NORMALIZE_SPACE, _NO_PAGE = XPath("normalize-space($text)", smart_strings=False), turbohtml.parse("")
_UNSEEN = "head, iframe, noscript, script, style, template, title"
# Phrasing content (HTML standard, section 3.2.5.2.5), obsolete elements too, without those that browsers show
# as boxes; the frequent ones first. Any other element ends a word, also one whose name HTML does not know.
_WITHIN_WORDS = (
    "a, span, b, strong, i, em, small, code, abbr, acronym, bdi, bdo, big, blink, cite, data, del, dfn, font,"
    " ins, kbd, mark, nobr, q, s, samp, strike, sub, sup, time, tt, u, var, wbr"
)
_NEIGHBOURS = frozenset(("next", "prev"))
_HREFS = XPath("//a/@href", smart_strings=False)
_HREFS_OF_BOTH = XPath("//a/@href | //area/@href", smart_strings=False)
_HREFS_WITHIN = XPath("descendant::a/@href", smart_strings=False)  # other axes take longer
_HREFS_OF = XPath("descendant-or-self::a/@href | descendant-or-self::area/@href", smart_strings=False)
_MENUS = frozenset(("nav", "aside"))
_AROUND = ("nav", "aside", "header", "footer")  # elements beside the main part
_FRAMES = XPath("//frame/@src | //iframe/@src", smart_strings=False)


def read_html(text: str, encoding: str, agent: str) -> Document:
    """Read decoded HTML. ``agent``, in lower case, is a name of meta elements for us, as ``robots`` is."""
    if not text:
        return Document(encoding)
    tree = parse_html(text)
    _tidy(tree, text)
    document = Document(encoding, _text(tree), tree, link_encoding=encoding)
    _scan_head(document, tree, agent)
    _scan_links(document, tree)
    document.add_links(_frames(tree))
    return document


def parse_html(text: str) -> turbohtml.Document:
    """The tree of the HTML standard, as a browser makes it that runs no scripts."""
    return turbohtml.parse(text, positions=False, allow_declarative_shadow_roots=False)


def located_tree(text: str) -> turbohtml.Document:
    """The tree of a document that was read, with the place of each element in the text."""
    tree = turbohtml.parse(text, source_locations=True, allow_declarative_shadow_roots=False)
    _tidy(tree, text)
    return tree


def _tidy(tree: turbohtml.Document, text: str) -> None:
    """Take from a tree what is no content."""
    _open_templates(tree)
    if "<!--" in text:
        # The texts that a comment splits: to a reader, and to a rule, they are one.
        root = cast(Element, tree.root)
        strip_comments_node(root)
        root.normalize()


def _open_templates(tree: turbohtml.Document) -> None:
    """Leave of templates what people see: the content of a declared shadow root, in its place."""
    for template in tree.find_all("template"):
        content = template.children[0] if len(template) else None
        if template.attr("shadowrootmode") is not None and isinstance(content, DocumentFragment):
            template.replace_with(*content.children)
        else:
            template.clear()


def text_without(tree: turbohtml.Document, selector: str) -> str:
    """The folded text of a document that was read, without that of the elements that a selector takes."""
    root = cast(Element, tree.root)
    if _is_html(root):
        return _text(tree, f"{_UNSEEN}, {selector}")
    return _folded(" ".join(deepcopy(root).remove(selector).stripped_strings))


def hrefs_beside(tree: turbohtml.Document, selector: str = "") -> set[str]:
    """The targets of links that stand beside the main part: in menus, headers, footers, frames.

    The header and the footer of an article belong to it. With a selector, those too that are in the elements
    that it takes, or are taken themselves.
    """
    hrefs: set[str] = set()
    for name in _AROUND:
        for element in tree.find_all(name):
            if name in _MENUS or element.closest("article, main") is None:
                hrefs.update(cast(list[str], _HREFS_WITHIN(element)))
    for element in tree.select(selector) if selector else ():
        hrefs.update(cast(list[str], _HREFS_OF(element)))
    hrefs.update(_frames(tree))
    return hrefs


def _frames(tree: turbohtml.Document) -> Sequence[str]:
    """The targets of frames; most pages have none, which is known in a sixth of the time."""
    if tree.find("iframe") is None and tree.find("frame") is None:
        return ()
    return cast(list[str], _FRAMES(tree))


def takes_whole(selector: str) -> bool:
    """Whether a selector takes every page as a whole. Raises ValueError if it cannot be used."""
    return bool(_NO_PAGE.select(selector))


def _text(tree: turbohtml.Document, unseen: str = _UNSEEN) -> str:
    """The folded text that a reader sees: no head, no scripts. Blocks are separated by spaces."""
    copy = deepcopy(cast(Element, tree.root)).remove(unseen).strip_tags(_WITHIN_WORDS)
    copy.normalize()
    return _folded(" ".join(copy.stripped_strings))


def _folded(text: str) -> str:
    """:func:`crawler.reading.text.fold` in a third of the time: no list of a long text's words is made."""
    for space in _ASCII_SPACES if text.isascii() else _SPACES:
        if space in text:
            text = text.replace(space, " ")
    return storable(str(_NORMALIZE_SPACE(_NO_PAGE, text=text)) if "  " in text else text.strip())


def _scan_head(document: Document, tree: turbohtml.Document, agent: str) -> None:
    """Note title, base, meta robots (also those for ``agent``), refresh and declared canonical."""
    document.title = next((_title(title) for title in tree.find_all("title") if _is_html(title)), "")
    bases = (base.attr("href") for base in tree.find_all("base"))
    document.base = next((href for href in bases if href is not None), "")
    for meta in tree.find_all("meta"):
        if (meta.attr("name") or "").strip().lower() in {"robots", agent}:
            document.meta_robots.append(meta.attr("content") or "")
        elif (meta.attr("http-equiv") or "").strip().lower() == "refresh":
            _note_refresh(document, meta)
    for link in tree.find_all("link"):
        href = link.attr("href")
        if href and "canonical" in _rel_of(link):
            document.declared_canonical = href
            break


def _note_refresh(document: Document, meta: Element) -> None:
    """The first refresh counts. One for visitors without scripts is a link: others stay on the page."""
    content = meta.attr("content") or ""
    refresh = read_refresh(content)
    if refresh is not None and meta.closest("noscript") is not None:
        document.add_links([refresh.url])
    elif refresh is not None and not document.refresh:
        document.refresh = content


def _title(title: Element) -> str:
    """The standard's ``document.title`` (section 3.1.4) of a title element of HTML."""
    return fold(title.text)[:MAX_TITLE]


def _is_html(element: Element) -> bool:
    """A title in SVG belongs to its picture."""
    return element.namespace is Namespace.HTML


def _scan_links(document: Document, tree: turbohtml.Document) -> None:
    """Note the targets of links: the pages that the head names, then those of anchors."""
    links = [link for link in tree.find_all("link") if _leads_to_page(link)]
    document.add_links(link.attr("href") for link in links)
    related = chain(tree.select("a[rel]"), tree.select("area[rel]"))  # in a third of the time of both in one
    nofollow = {anchor for anchor in related if "nofollow" in _rel_of(anchor)}
    if not nofollow and tree.find("svg") is None:
        hrefs = _HREFS if tree.find("area") is None else _HREFS_OF_BOTH
        document.add_links(cast(list[str], hrefs(tree)))  # in a third of the time
        return
    anchors = tree.select("a, area")
    document.add_links(_target(anchor) for anchor in anchors if anchor not in nofollow)
    document.add_links((_target(anchor) for anchor in anchors if anchor in nofollow), nofollow=True)


def _leads_to_page(link: Element) -> bool:
    """Whether it names the next or previous page, or this one in another language."""
    rel = _rel_of(link)
    return not _NEIGHBOURS.isdisjoint(rel) or ("alternate" in rel and link.attr("hreflang") is not None)


def _target(anchor: Element) -> str | None:
    """Links in SVG may have the older attribute."""
    href = anchor.attr("href")
    return anchor.attr("xlink:href") if href is None and not _is_html(anchor) else href


def _rel_of(link: Element) -> Sequence[str]:
    """The words of the ``rel`` of a link, in lower case."""
    rel = link.attr("rel")
    return rel.lower().split() if rel else ()
