"""Collections that an extractor in Python reads: it runs once for a page, for all of its collections."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crawler.collections import Collection
from crawler.reading.document import Document
from crawler.reading.extractor.collection import CollectionReader
from crawler.reading.extractor.reading import Problems, key_of
from crawler.reading.own_code.page import PageOrder
from crawler.reading.own_code.results import Results
from crawler.reading.own_code.server import SERVERS
from crawler.reading.record import ReadRecord, Value


class OwnReader:
    """Runs one extractor for the collections that name it."""

    def __init__(self, name: str, collections: Sequence[Collection]) -> None:
        self.name = name
        self._collections = {each.name: each for each in collections}
        self._covers = {each.name: CollectionReader(each).covers for each in collections}
        self._code = collections[0].code

    @property
    def names(self) -> list[str]:
        """Those of its collections."""
        return list(self._collections)

    def read(self, document: Document, warnings: list[str]) -> list[ReadRecord]:
        """Its records of a page, with a sentence in ``warnings`` for what could not be taken."""
        here = self._here(document)
        if not here:
            return []
        results = self._results(document)
        records: list[ReadRecord] = []
        strange: dict[str, None] = {}
        for name, values in results.records:
            if (name := name or here[0]) in here:
                position = (
                    sum(record.collection == name for record in records) if len(here) > 1 else len(records)
                )
                records.append(_record(self._collections[name], position, values))
            else:
                strange[name] = None
        warnings += [
            f"The extractor {self.name!r} gives records of {name!r}, which is none of its collections here: "
            f"{', '.join(here)}."
            for name in strange
        ]
        warnings += [results.problem] if results.problem else []
        return records

    def links(self, document: Document) -> list[str]:
        """The addresses that it gives."""
        return self._results(document).links if self._here(document) else []

    def trace(self, document: Document) -> list[str]:
        """The lines of its own file that led to its mistake."""
        return self._results(document).trace if self._here(document) else []

    def unread(self, document: Document) -> list[str]:
        """The collections of this page, if it could not be read to its end."""
        here = self._here(document)
        return here if here and self._results(document).problem else []

    def _here(self, document: Document) -> list[str]:
        return [name for name, covers in self._covers.items() if covers(document.url)]

    def _results(self, document: Document) -> Results:
        known = document.derived.get(f"extractor {self.name}")
        if known is None:
            known = document.derived[f"extractor {self.name}"] = self._run(document)
        results: Results = known
        return results

    def _run(self, document: Document) -> Results:
        order = PageOrder(
            url=document.url, body=document.body, headers=tuple(document.headers), status=document.status
        )
        results, code = SERVERS.read(self.name, self._code, order)
        if self._code and code != self._code and not results.problem:
            changed = f"The extractor {self.name!r} was changed since the run began: {code} read this page."
            return msgspec.structs.replace(results, problem=changed)
        return results


def own_readers(collections: Sequence[Collection]) -> tuple[OwnReader, ...]:
    """A reader for each extractor that collections name."""
    by_name: dict[str, list[Collection]] = {}
    for each in collections:
        if each.extractor:
            by_name.setdefault(each.extractor, []).append(each)
    return tuple(OwnReader(name, group) for name, group in by_name.items())


def _record(collection: Collection, position: int, values: dict[str, Value]) -> ReadRecord:
    problems: Problems = {}
    key = key_of(collection.key, values, problems)
    return ReadRecord(
        collection=collection.name, position=position, key=key, values=values, problems=problems
    )
