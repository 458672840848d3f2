"""The entry of this package: the bytes of a body in, a :class:`crawler.reading.document.Document` out."""

from __future__ import annotations

from crawler.reading.document import Document
from crawler.reading.encoding import decode
from crawler.reading.html import read_html
from crawler.reading.sources import read_source
from crawler.reading.sources.source import is_undecided
from crawler.reading.text import fold
from crawler.reading.xml import read_xml, xhtml_as_html


def read_document(body: bytes, content_type: str, agent: str) -> Document:
    """Read a body by its kind; what cannot be read of it is left out.

    ``content_type`` is the header, ``agent`` our product token in lower case: a name of meta elements for us.

    Raises:
        crawler.reading.sources.source.Unreadable: it is not what its type promises, or too much.
    """
    if (document := read_source(body, content_type)) is not None:
        return document
    if is_undecided(content_type):
        content_type = ""
    text, encoding = decode(body, content_type)
    kind = _kind(content_type, text)
    if kind == "html":
        return read_html(text, encoding, agent)
    if kind == "xhtml":
        return read_html(xhtml_as_html(text), encoding, agent)
    if kind == "xml":
        return read_xml(text, encoding)
    return Document(encoding, fold(text))


def is_html(content_type: str, text: str) -> bool:
    """Whether a decoded body is read as HTML, as it is written."""
    return _kind("" if is_undecided(content_type) else content_type, text) == "html"


def _kind(content_type: str, text: str) -> str:
    """html, xhtml, xml or text. Without a content type, the first characters decide."""
    mime = content_type.partition(";")[0].strip().lower()
    if mime == "text/html":
        return "html"
    if mime == "application/xhtml+xml":
        return "xhtml"
    if mime.endswith(("/xml", "+xml")):
        return "xml"
    if mime:
        return "text"
    start = text[:100].lstrip().lower()
    return "xml" if start.startswith("<?xml") else "html" if start.startswith("<") else "text"
