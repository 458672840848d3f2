"""Coverage: what the right rules of each site and design read, beside what is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.extract.reading import document_of, reader_of
from crawler.collections import Collection
from crawler.reading.record import ReadRecord
from tests.fakeweb.sites import Expected, FactSite


@dataclass
class Coverage:
    """Counts over all pages of one site in one design."""

    expected: int = 0  # records
    read: int = 0  # of these
    beside: int = 0  # records that there are not
    out_of_order: int = 0  # pages whose records came in another order
    values: int = 0  # of the expected records
    right: Counter[str] = field(default_factory=Counter)  # values by "collection.field"
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def is_complete(self) -> bool:
        """Whether every record was read, in order, and nothing else."""
        return 0 < self.expected == self.read and not self.beside and not self.out_of_order

    @property
    def is_full(self) -> bool:
        """Whether it is complete, and every value as it is."""
        return self.is_complete and self.right.total() == self.values

    def add(self, truth: Sequence[Expected], records: Sequence[ReadRecord]) -> None:
        """Count the records of one collection on one page."""
        by_key = {record.key: record for record in records}
        keys = [each.key for each in truth]
        self.expected += len(truth)
        self.beside += len(records) - len(by_key.keys() & set(keys))
        self.out_of_order += [record.key for record in records if record.key in set(keys)] != [
            key for key in keys if key in by_key
        ]
        for each in truth:
            self.values += len(each.values)
            if record := by_key.get(each.key):
                self.read += 1
                self._compare(each, record)

    def _compare(self, true: Expected, record: ReadRecord) -> None:
        for name, value in true.values.items():
            counts = self.right if is_value(record.values.get(name), value) else self.wrong
            counts[f"{true.collection}.{name}"] += 1


def is_value(read: Any, true: Any) -> bool:
    """Whether a value is the true one; no entries are as good as none."""
    return bool(read == true) or (true in (None, []) and read in (None, []))


def pages_read(
    site: FactSite[Any], design: str, collections: Sequence[Collection]
) -> Iterator[tuple[list[Expected], list[ReadRecord]]]:
    """For each page of a site: the records that it has, and those that collections read of it."""
    read = reader_of(collections)
    for path in site.paths(site.revision):
        _, headers, body = site.page(path, site.revision, design)
        records = read(document_of(body, headers["Content-Type"]), site.base + path)
        yield site.expected(path, site.revision, design), records


def coverage_of(site: FactSite[Any], design: str) -> Coverage:
    """What the right rules read of all pages of a site."""
    collections = [Collection.of(plain) for plain in site.collections(design)]
    coverage = Coverage()
    for truth, records in pages_read(site, design, collections):
        for collection in collections:
            ours = [each for each in truth if each.collection == collection.name]
            coverage.add(ours, [each for each in records if each.collection == collection.name])
    return coverage
