"""PDF: the text of its pages by PDFium, what it says of itself, and where its links lead.

The library is loaded when the first PDF is read. A file that is written to do harm may end the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from crawler.file_kinds import PDF, kind_of_bytes, kind_of_type
from crawler.reading.document import MAX_TITLE, Document
from crawler.reading.sources.source import Unreadable
from crawler.reading.text import fold, storable

MAX_PAGES = 500
MAX_TEXT = 1_000_000  # characters
MAX_LINKS = 1000  # of one page

_ABOUT = {"author": "Author", "subject": "Subject", "keywords": "Keywords", "created": "CreationDate"}
_URI_BYTES = 8000


def sniff(body: bytes, content_type: str) -> bool:
    """Whether the body is a PDF, or its type says so."""
    return kind_of_bytes(body, content_type) == PDF or kind_of_type(content_type) == PDF


def read(body: bytes, content_type: str) -> Document:
    """The document. Its data has ``pages``, the text of each in lines, and ``page_count``.

    Of more than :data:`MAX_PAGES` pages or :data:`MAX_TEXT` characters the rest is left out, which
    ``page_count`` shows.
    """
    pdfium = import_module("pypdfium2")
    try:
        file = pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        raise Unreadable(f"This PDF cannot be read: {_cause(body, str(error))}.") from error
    try:
        return _document(file)
    finally:
        file.close()


def _cause(body: bytes, message: str) -> str:
    if b"%PDF-" not in body[:1024]:
        return "it is no PDF"
    return "it needs a password" if "password" in message.lower() else "it is damaged"


def _document(file: Any) -> Document:
    about = {name: storable(text) for name, text in file.get_metadata_dict().items()}
    document = Document("utf-8", title=fold(about.get("Title", ""))[:MAX_TITLE])
    pages: list[str] = []
    room = MAX_TEXT
    for number in range(min(len(file), MAX_PAGES)):
        if room <= 0:
            break
        pages.append(_read_page(file, number, document)[:room])
        room -= len(pages[-1])
    document.text = fold("\n".join(pages))
    said = {name: about.get(key) or None for name, key in _ABOUT.items()}
    document.data = {"title": document.title or None, **said, "page_count": len(file), "pages": pages}
    return document


def _read_page(file: Any, number: int, document: Document) -> str:
    """The text of a page in lines, its links added to the document; a damaged page has none."""
    pdfium = import_module("pypdfium2")
    try:
        page = file[number]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return ""
    document.add_links(_links(file, page))
    lines = storable(text.get_text_bounded()).splitlines()
    return "\n".join(line.strip() for line in lines).strip()


def _links(file: Any, page: Any) -> Iterator[str]:
    """The http and https addresses of the page's link annotations (ISO 32000-1, section 12.6.4.7)."""
    raw, ctypes = import_module("pypdfium2.raw"), import_module("ctypes")
    position, link = ctypes.c_int(0), raw.FPDF_LINK()
    for _ in range(MAX_LINKS):
        if not raw.FPDFLink_Enumerate(page.raw, position, link):
            return
        buffer = ctypes.create_string_buffer(_URI_BYTES)
        if action := raw.FPDFLink_GetAction(link):
            raw.FPDFAction_GetURIPath(file.raw, action, buffer, _URI_BYTES)
        address = buffer.value.decode("utf-8", "replace")
        if address.lower().startswith(("http://", "https://")):
            yield address
