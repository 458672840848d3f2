"""All collections of a policy: which read a document, and the records that they read."""

from __future__ import annotations

from functools import lru_cache

from crawler.collections import Collection
from crawler.reading.document import Document
from crawler.reading.extractor.collection import CollectionReader
from crawler.reading.extractor.own import own_readers
from crawler.reading.extractor.reading import Reading
from crawler.reading.record import ReadRecord


class Extractor:
    """The compiled rules of one policy. Built by :func:`compile_collections`."""

    def __init__(self, collections: tuple[Collection, ...]) -> None:
        self.readers = tuple(CollectionReader(each) for each in collections if not each.extractor)
        self.own = own_readers(collections)
        self.leads_on = any(reader.leads_on for reader in self.readers)
        self.asks_for_headers = bool(self.own) or any(reader.asks_for_headers for reader in self.readers)

    def read(self, document: Document, warnings: list[str] | None = None) -> list[ReadRecord]:
        """The records of a document, those of a collection in document order.

        Adds to ``warnings`` a sentence, for the run, for what is left out because it is too much.
        """
        reading = Reading(document)
        records = [record for reader in self._readers_of(document) for record in reader.read(reading)]
        for own in self.own:
            records += own.read(document, reading.warnings)
        if warnings is not None:
            warnings += reading.warnings
        return records

    def next_links(self, document: Document) -> list[str]:
        """The addresses of the next pages of lists, as written in the document."""
        return [
            href
            for reader in self._readers_of(document)
            if reader.leads_on
            for href in reader.next_links(document)
        ]

    def links(self, document: Document) -> list[str]:
        """The addresses that extractors in Python lead to, as they give them."""
        return [href for own in self.own for href in own.links(document)]

    def unread(self, document: Document) -> list[str]:
        """The names of the collections that could not be read to their end: what is missing may be there."""
        return [name for own in self.own for name in own.unread(document)]

    def _readers_of(self, document: Document) -> list[CollectionReader]:
        return [reader for reader in self.readers if reader.covers(document.url)]


@lru_cache(maxsize=256)
def compile_collections(collections: tuple[Collection, ...]) -> Extractor:
    """The extractor of these collections. A rule that cannot be used (of an older release) has no value."""
    return Extractor(collections)
