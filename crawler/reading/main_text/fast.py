"""The fast mode: what is left of the tree without everything that only surrounds the text.

Most pages of today say by their elements what is navigation, aside or footer; others by names of classes, or
by blocks that are nothing but links. All that is taken away. Of the rest, the smallest element is kept that
holds nearly all of the prose: text outside of links, in blocks of some length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import cast

import turbohtml
from turbohtml import Element

from crawler.reading.document import MAX_TITLE
from crawler.reading.main_text.article import Article
from crawler.reading.text import fold, storable

_UNSEEN = (
    "head, script, style, noscript, template, iframe, svg, canvas, object, embed, button, input, select,"
    " textarea, option, datalist, audio, video, map, [hidden], [aria-hidden=true]"
)
_AROUND = (
    "nav, footer, aside, dialog, menu, [role=navigation], [role=banner], [role=contentinfo],"
    " [role=complementary], [role=search], [role=dialog], [role=alertdialog], [role=menu], [role=toolbar]"
)
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navbox|navigation|menu|breadcrumbs?|crumbs?|side|foot|banner|respond|replies"
    r"|recommend(?:ed|ations?)?|recirc|more|teasers?|share|sharing|social|follow|subscribe|subscription|signup"
    r"|promo|promoted|sponsor(?:ed)?|ads?|advert(?:isement|ising)?|adsense|outbrain|taboola|popup|modal|overlay"
    r"|toolbar|tools|buttons|pagination|pager|paging|widget|tags?|taglist|skip|masthead|topbar|login|search"
    r"|print|copyright|legal|disclaimer|toc|prev-?next|author-?bio|byline|meta|rating|reviews?|upsell"
    r"|cross-?sell|similar)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|comments?|commentaires|disqus|related|newsletter|sidebar|footer)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Names that may be trusted though what has them is most of a page: long notices, lively discussions."""

_KEPT = frozenset(("html", "body", "main", "article", "h1", "pre", "code", "table", "tbody", "p", "td", "tr"))
_BLOCKS = "div, section, ul, ol, dl, table, form, header, p, h2, h3, h4"
_MOST_TAKEN, _MOST_SURE = 0.4, 0.9  # of a page's text by one element; what holds more is no surrounding
_NEARLY_ALL = 0.85  # of the prose
_LINKS = 0.6  # of a block's text: more is a list of links
_LINK_TEXT = 12  # characters; a block with less is not measured
_PROSE = "p, li, pre, blockquote, td, th, dd, dt, h1, h2, h3, h4, figcaption"
_LEAST_PROSE = 25  # characters of a block that counts
_LEAVES = frozenset(_PROSE.split(", ")) | {"ul", "ol", "table", "tbody", "tr", "dl"}


def read_fast(tree: turbohtml.Document) -> Article:
    """The main text of a page's tree, which stays as it is."""
    body = deepcopy(cast(Element, tree.root)).remove(_UNSEEN)
    heading = body.select_one("main h1, article h1, [role=main] h1") or body.select_one("h1")
    headline = fold(heading.text)[:MAX_TITLE] if heading is not None else ""
    root = _narrowed(_start(body))
    _drop_surroundings(root)
    root = _narrowed(root)
    _drop_links(root)
    markdown, text = storable(root.to_markdown()).strip(), plain(root)
    if headline and headline not in text:
        markdown, text = f"# {headline}\n\n{markdown}", f"{headline}\n{text}"
    return Article(markdown, text, headline)


def plain(root: Element) -> str:
    """The text of an element, a block a line."""
    lines = (fold(line) for line in root.to_text().splitlines())
    return "\n".join(line for line in lines if line)


def _start(body: Element) -> Element:
    """The element that calls itself the main one, if it is the only one and says something."""
    for selector in ("[itemprop=articleBody]", "article", "main", "[role=main]"):
        candidates = body.select(selector)
        if len(candidates) == 1 and _size(candidates[0]) >= 0.3 * _size(body):
            return candidates[0]
    mains = body.select("main, [role=main]")
    return mains[0] if len(mains) == 1 and _size(mains[0]) > 100 else body


def _size(element: Element) -> int:
    return len(fold(element.text))


def _drop_surroundings(root: Element) -> None:
    """Take away what elements and names of classes say is not the text."""
    size = _size(root)
    for element in root.select(_AROUND):
        if _size(element) <= _MOST_TAKEN * size:
            element.decompose()
    for element in root.select("[class], [id]"):
        if element.tag not in _KEPT and _size(element) <= _share(element) * size:
            element.decompose()


def _share(element: Element) -> float:
    """How much of a page an element may be to be taken away by its names; below 0 if it has none such."""
    names = f"{element.attr('class') or ''} {element.attr('id') or ''}"
    return _MOST_SURE if _SURE_NAMES.search(names) else _MOST_TAKEN if _NAMES.search(names) else -1


def _narrowed(root: Element) -> Element:
    """The smallest element that holds nearly all of the prose."""
    least = _NEARLY_ALL * _prose(root)
    while least:
        inner = next(filter(lambda child: _prose(child) >= least, _parts(root)), None)
        if inner is None:
            break
        root = inner
    return root


def _parts(root: Element) -> Iterator[Element]:
    """The elements in it that may hold several blocks."""
    return (child for child in root.children if isinstance(child, Element) and child.tag not in _LEAVES)


def _prose(element: Element) -> int:
    """Characters of blocks of some length, less those of their links."""
    return sum(
        size - _link_size(block)
        for block in element.select(_PROSE)
        if (size := len(block.text.strip())) >= _LEAST_PROSE
    )


def _link_size(element: Element) -> int:
    return sum(len(link.text) for link in element.select("a"))


def _drop_links(root: Element) -> None:
    """Take away blocks that are nothing but links: lists of other pages.

    Where most of the text is links, one was left open, or the page is a list itself: then none is taken.
    """
    most = _MOST_TAKEN * _size(root)
    if _link_size(root) > _LINKS * _size(root):
        return
    for block in root.select(_BLOCKS):
        size = _size(block)
        if _LINK_TEXT <= size <= most and _link_size(block) > _LINKS * size:
            block.decompose()
