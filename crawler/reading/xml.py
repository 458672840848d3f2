"""XML by lxml: the text of all elements, and the title and links of a feed. Entities are not read."""

from __future__ import annotations

from lxml import etree

from crawler.reading import libxml
from crawler.reading.document import MAX_LINKS, MAX_TITLE, Document
from crawler.reading.text import fold

_PARSER = etree.XMLParser(
    encoding="utf-8",
    recover=True,
    no_network=True,
    resolve_entities=False,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_ALL_TEXT = etree.XPath("//text()", smart_strings=False)  # unlike itertext(), without entity references


def read_xml(text: str, encoding: str) -> Document:
    """Read decoded XML; what is broken in it is left out."""
    tree = libxml.parse(text, _PARSER)
    if tree is None:
        return Document(encoding)
    document = Document(encoding, fold(" ".join(_ALL_TEXT(tree))), tree)
    _scan(document, tree)
    return document


def _scan(document: Document, tree: etree._Element) -> None:
    """Note title and links of a feed: the text of RSS ``link`` elements, the ``href`` of Atom's."""
    for element in tree.iter("{*}title", "{*}link"):
        if etree.QName(element).localname == "title":
            document.title = document.title or fold(element.text or "")[:MAX_TITLE]
        elif len(document.hrefs) < MAX_LINKS:
            document.add_link(element.get("href") or element.text, libxml.rel_of(element))
