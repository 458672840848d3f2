"""XML by lxml, which reads what it can of a broken file, and once more as a tree for rules.

The text of all elements counts, and the title and links of a feed. Entities of a file's own are not read.
"""

from __future__ import annotations

import re
import sys
from html.entities import html5

import turbohtml
from lxml import etree

from crawler.reading.document import MAX_TITLE, Document
from crawler.reading.feed import read_feed
from crawler.reading.text import fold


def _parser(*, recover: bool) -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        huge_tree=True,  # else all that is nested deeper than 255 elements is left out, and what follows it
        remove_comments=True,
        remove_pis=True,
    )


_LENIENT, _STRICT = _parser(recover=True), _parser(recover=False)
_ALL_TEXT = etree.XPath("//text()", smart_strings=False)
_CDATA_OR_ENTITY = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:([A-Za-z]\w*;)|(?!#\d+;|#x[\da-fA-F]+;))", re.DOTALL
)
_NUMBER = re.compile(r"&#(?:0*([0-9]{1,8})|x0*([0-9a-fA-F]{1,8})|\w+);")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XHTML = "{http://www.w3.org/1999/xhtml}"
_PREFIX = re.compile(r"[<\s]([\w.-]+):[\w.-]+(?=[\s=/>])")
_DECLARED = re.compile(r"xmlns:([\w.-]+)=")


def read_xml(text: str, encoding: str) -> Document:
    """Read decoded XML; what is broken in it is left out."""
    root = _parse(text, _LENIENT)
    if root is None:
        return Document(encoding)
    document = Document(
        encoding, fold(" ".join(_ALL_TEXT(root))), _tree_for_rules(root), data=read_feed(root)
    )
    _scan(document, root)
    return document


def xhtml_as_html(text: str) -> str:
    """Well-formed XHTML written as HTML; anything else as it is, for the more lenient parser."""
    root = _parse(text, _STRICT)
    if root is None:
        return text
    if root.prefix:
        for element in root.iter(f"{_XHTML}*"):  # HTML knows no prefixes
            element.tag = etree.QName(element).localname
    return etree.tostring(root, method="html", encoding="unicode")


def _parse(text: str, parser: etree.XMLParser[etree._Element]) -> etree._Element | None:
    """The root element; None when nothing can be read."""
    source = _NUMBER.sub(_valid_number, text.replace("\0", "").lstrip("\ufeff \t\r\n"))
    source = _CDATA_OR_ENTITY.sub(_as_numbers, source)
    try:
        return etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _valid_number(match: re.Match[str]) -> str:
    """A reference to a character; to U+FFFD if XML has none such (XML 1.0, section 2.2)."""
    code = int(match[1] or 0) or int(match[2] or "0", 16)
    return match[0] if code <= sys.maxunicode and not _NOT_XML.match(chr(code)) else "&#65533;"


def _as_numbers(match: re.Match[str]) -> str:
    """An entity as the numbers of its characters: libxml2 drops all others once a file is not well-formed.

    Names are those of HTML; any other, and an ``&`` by itself, is text.
    """
    if match[0][0] == "<":
        return match[0]
    name = match[1] or ""
    return "".join(f"&#{ord(char)};" for char in html5[name]) if name in html5 else f"&#38;{name}"


def _tree_for_rules(root: etree._Element) -> turbohtml.Document | None:
    """The same elements in the engine of HTML, named as they are in the file, prefixes included."""
    source = etree.tostring(root, encoding="unicode", with_tail=False)
    if undeclared := {*_PREFIX.findall(source)} - {*_DECLARED.findall(source), "xml", "xmlns"}:
        declarations = "".join(f' xmlns:{prefix}="{prefix}"' for prefix in sorted(undeclared))
        source = re.sub(r"<[^\s/>]+", lambda start: start[0] + declarations, source, count=1)
    try:
        return turbohtml.parse_xml(source)
    except turbohtml.HTMLParseError:
        return None


def _scan(document: Document, root: etree._Element) -> None:
    """Note title and links of a feed: the text of RSS ``link`` elements, the ``href`` of Atom's."""
    document.title = next((title for each in root.iter("{*}title") if (title := fold(each.text or ""))), "")
    document.title = document.title[:MAX_TITLE]
    links = list(root.iter("{*}link"))
    for nofollow in (False, True):
        hrefs = [link.get("href") or link.text for link in links if _says_nofollow(link) is nofollow]
        document.add_links(hrefs, nofollow=nofollow)


def _says_nofollow(link: etree._Element) -> bool:
    return "nofollow" in (link.get("rel") or "").lower().split()
