"""How the bench reads records: as the parser does, without a crawl."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crawler.collections import Collection
from crawler.reading.document import Document
from crawler.reading.extractor.extractor import compile_collections
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord

AGENT = "crawlbeat"

Reader = Callable[[Document, str], list[ReadRecord]]
"""Reads the records of a document that was found at a URL."""


def document_of(body: bytes, content_type: str) -> Document:
    """The document of a body, as the parser makes it."""
    return read_document(body, content_type, AGENT)


def reader_of(collections: Sequence[Collection]) -> Reader:
    """The compiled rules of collections."""
    extractor = compile_collections(tuple(collections))

    def read(document: Document, url: str) -> list[ReadRecord]:
        document.url = url
        return extractor.read(document)

    return read
