"""HTML and XML by lxml: one tree, one pass for links and head, text by a compiled stylesheet.

The parser is libxml2 without network, DTDs or ``huge_tree``: depth ends at 255, entities stay unread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from crawler.reading.text import fold

MAX_LINKS = 50_000  # of one page; what comes after is not looked at
MAX_TITLE = 1000  # characters
MAX_TAG = 5000  # characters of one tag without its quoted values: over 1,000 attributes
SMALL = 50_000  # characters of a page in which no tag can do harm
_SAFE = {"recover": True, "no_network": True, "huge_tree": False, "remove_comments": True, "remove_pis": True}
_HTML: etree.HTMLParser[etree._Element] = etree.HTMLParser(encoding="utf-8", **_SAFE)
_XML = etree.XMLParser(encoding="utf-8", resolve_entities=False, load_dtd=False, **_SAFE)

_SPACED = (
    *("address", "article", "aside", "blockquote", "br", "button", "caption", "center", "dd", "details"),
    *("dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "iframe", "img", "input", "label"),
    *("legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "search", "section"),
    *("select", "summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul", "video"),
)  # elements that end a word
_TEXT = etree.XSLT(
    etree.XML(
        f"""<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
        <xsl:output method="text"/>
        <xsl:template match="/">
          <xsl:variable name="text"><xsl:apply-templates/></xsl:variable>
          <xsl:value-of select="normalize-space($text)"/>
        </xsl:template>
        <xsl:template match="head|script|style|template|noscript"/>
        <xsl:template match="{"|".join(_SPACED)}">
          <xsl:text> </xsl:text><xsl:apply-templates/><xsl:text> </xsl:text>
        </xsl:template>
        </xsl:stylesheet>"""
    ),
    access_control=etree.XSLTAccessControl.DENY_ALL,
)
# As the tokenizer of HTML reads a tag: a quote counts after an equals sign only. Possessive: linear time.
_TAG = re.compile(r"""<[a-zA-Z](?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+""")
_VALUE = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_ALL_TEXT = etree.XPath("//text()", smart_strings=False)  # unlike itertext(), without entity references
_OTHER_SPACES = tuple(char for char in map(chr, range(0x3001)) if char.isspace() and char not in " \t\r\n")


@dataclass(slots=True)
class Markup:
    """What one pass over a tree finds, nothing of it resolved yet."""

    title: str = ""
    base: str = ""
    canonical: str = ""
    robots: list[str] = field(default_factory=list)  # contents of the meta elements for us
    hrefs: dict[str, None] = field(default_factory=dict)  # distinct, in document order
    nofollow: dict[str, None] = field(default_factory=dict)  # those of links with rel=nofollow


def parse_html(text: str) -> etree._Element | None:
    """The tree of decoded HTML; None when there is nothing in it."""
    return _tree(_without_monsters(text.replace("\0", "")).encode("utf-8", "replace"), _HTML)


def parse_xml(text: str) -> etree._Element | None:
    """The tree of a decoded XML document; None when nothing of it can be read."""
    return _tree(text.encode("utf-8", "replace"), _XML)


def html_text(tree: etree._Element) -> str:
    """The folded text of what a reader sees: no head, no scripts; blocks are set apart, words are not."""
    text = str(_TEXT(tree))
    # normalize-space() has folded XML's four kinds of white space in C; the rest is rare
    return fold(text) if any(space in text for space in _OTHER_SPACES) else text


def xml_text(tree: etree._Element) -> str:
    """The folded text of all elements."""
    return fold(" ".join(_ALL_TEXT(tree)))


def scan_html(tree: etree._Element, agent: str) -> Markup:
    """Title, base, meta robots (also those for ``agent``), declared canonical and links of a page."""
    found = Markup()
    for element in tree.iter("a", "area", "base", "link", "meta", "title"):
        tag = element.tag
        if tag in {"a", "area"}:
            _add_link(found, element, element.get("href"))
        elif tag == "title":
            found.title = found.title or _title(element)
        elif tag == "base":
            found.base = found.base or element.get("href", "")
        elif tag == "link":
            _scan_link(found, element)
        elif element.get("name", "").strip().lower() in {"robots", agent}:
            found.robots.append(element.get("content", ""))
        if len(found.hrefs) >= MAX_LINKS:
            break
    return found


def scan_xml(tree: etree._Element) -> Markup:
    """Title and links of a feed: the text of RSS ``link`` elements, the ``href`` of Atom's."""
    found = Markup()
    for element in tree.iter("{*}title", "{*}link"):
        if etree.QName(element).localname == "title":
            found.title = found.title or fold(element.text or "")[:MAX_TITLE]
        elif len(found.hrefs) < MAX_LINKS:
            _add_link(found, element, element.get("href") or element.text)
    return found


def _tree(data: bytes, parser: etree.HTMLParser | etree.XMLParser) -> etree._Element | None:
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:  # empty, or nothing that can be recovered
        return None


def _without_monsters(text: str) -> str:
    """Cut tags with thousands of attributes, on which libxml2 takes quadratic time."""
    if len(text) < SMALL:
        return text
    start, kept = 0, []
    for tag in _TAG.finditer(text):
        if tag.end() - tag.start() > MAX_TAG and len(_VALUE.sub("", tag[0])) > MAX_TAG:
            kept.append(text[start : tag.start() + MAX_TAG])
            start = tag.end()
    return "".join([*kept, text[start:]])


def _title(element: etree._Element) -> str:
    """The text of a document's title; the titles of pictures lie deeper."""
    parent = element.getparent()
    if parent is None or parent.tag not in {"head", "body", "html"}:
        return ""
    return fold(element.text or "")[:MAX_TITLE]


def _add_link(found: Markup, element: etree._Element, href: str | None) -> None:
    if href is None or href.startswith("#"):
        return
    links = found.nofollow if "nofollow" in _rel(element) else found.hrefs
    links[href] = None


def _scan_link(found: Markup, element: etree._Element) -> None:
    rel = set(_rel(element))
    href = element.get("href")
    if href and not rel.isdisjoint({"next", "prev"}):
        _add_link(found, element, href)
    if href and "canonical" in rel:
        found.canonical = found.canonical or href


def _rel(element: etree._Element) -> list[str]:
    rel = element.get("rel")
    return rel.lower().split() if rel else []
