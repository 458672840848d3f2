"""HTML by lxml: one tree, one pass for links and head, text by a compiled stylesheet.

Only this module knows the engine of HTML, and those kinds of field that need its tree
(:mod:`crawler.reading.fields`). For another engine, write another :func:`read_html`.
"""

from __future__ import annotations

import re

from lxml import etree

from crawler.reading import libxml
from crawler.reading.document import MAX_LINKS, MAX_TITLE, Document
from crawler.reading.text import fold

MAX_TAG = 5000  # characters of one tag without its quoted values: over 1,000 attributes
SMALL = 50_000  # characters: in a shorter page no tag takes long

_PARSER: etree.HTMLParser[etree._Element] = etree.HTMLParser(
    encoding="utf-8", recover=True, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
)  # without huge_tree, elements are nested 255 deep at most
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
# A tag as HTML's tokenizer reads it: a quote counts after an equals sign only. Possessive: linear time.
_TAG = re.compile(r"""<[a-zA-Z](?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+""")
_VALUE = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_OTHER_SPACES = tuple(char for char in map(chr, range(0x3001)) if char.isspace() and char not in " \t\r\n")


def read_html(text: str, encoding: str, agent: str) -> Document:
    """Read decoded HTML. ``agent``, in lower case, is a name of meta elements for us, as ``robots`` is."""
    tree = libxml.parse(_without_huge_tags(text.replace("\0", "")), _PARSER)
    if tree is None:
        return Document(encoding)
    document = Document(encoding, _text(tree), tree, link_encoding=encoding)
    _scan(document, tree, agent)
    return document


def _text(tree: etree._Element) -> str:
    """The folded text that a reader sees: no head, no scripts. Blocks are separated by spaces."""
    text = str(_TEXT(tree))
    # normalize-space() has folded XML's four kinds of white space in C; the rest is rare
    return fold(text) if any(space in text for space in _OTHER_SPACES) else text


def _scan(document: Document, tree: etree._Element, agent: str) -> None:
    """Note title, base, meta robots (also those for ``agent``), declared canonical and links."""
    for element in tree.iter("a", "area", "base", "link", "meta", "title"):
        tag = element.tag
        if tag in {"a", "area"}:
            document.add_link(element.get("href"), libxml.rel_of(element))
        elif tag == "title":
            document.title = document.title or _title(element)
        elif tag == "base":
            document.base = document.base or element.get("href", "")
        elif tag == "link":
            _scan_link(document, element)
        elif element.get("name", "").strip().lower() in {"robots", agent}:
            document.meta_robots.append(element.get("content", ""))
        if len(document.hrefs) >= MAX_LINKS:
            break


def _title(element: etree._Element) -> str:
    """The text of a document's title; a title deeper in the tree belongs to a picture."""
    parent = element.getparent()
    if parent is None or parent.tag not in {"head", "body", "html"}:
        return ""
    return fold(element.text or "")[:MAX_TITLE]


def _scan_link(document: Document, element: etree._Element) -> None:
    rel = set(libxml.rel_of(element))
    href = element.get("href")
    if href and not rel.isdisjoint({"next", "prev"}):
        document.add_link(href, rel)
    if href and "canonical" in rel:
        document.declared_canonical = document.declared_canonical or href


def _without_huge_tags(text: str) -> str:
    """Cut tags with thousands of attributes, on which libxml2 takes quadratic time."""
    if len(text) < SMALL:
        return text
    start, pieces = 0, []
    for tag in _TAG.finditer(text):
        if tag.end() - tag.start() > MAX_TAG and len(_VALUE.sub("", tag[0])) > MAX_TAG:
            pieces.append(text[start : tag.start() + MAX_TAG])
            start = tag.end()
    return "".join([*pieces, text[start:]])
