"""The values of many records derived anew from the archive, page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from catalog.models import Record, RecordVersion, Snapshot
from pipelines.receipts.derive_child import Pages, derive_in_child
from pipelines.receipts.order import Order
from pipelines.receipts.receipts import name_of, order_of

AT_ONCE = 50  # pages in one process
BYTES = 8_000_000  # of their bodies
NOT_KEPT = "What is kept has no such version of the page."


class Pointer(NamedTuple):
    """To what stands behind the values of a record: its number, and the checksum of the stored page."""

    record: int
    content_hash: str


class Derived(NamedTuple):
    """What the archive says of a record. ``held``: fields of which an earlier page showed the value."""

    values: dict[str, Any] | None
    held: frozenset[str] = frozenset()
    problem: str = ""  # a sentence, when nothing can be said


def derive(pointers: Sequence[Pointer]) -> dict[Pointer, list[Derived]]:
    """By pointer, all that the archive says: a page may have been read by several rule sets."""
    found: dict[Pointer, list[Derived]] = {pointer: [] for pointer in pointers}
    by_page: dict[tuple[int, int, str], list[_Wanted]] = defaultdict(list)
    for each in _wanted(pointers):
        by_page[each.source.snapshot_id, each.source.rule_set_id, each.record.collection].append(each)
    for some in _batches(by_page.values(), found):
        order = Pages([(page, [each.name for each in wanted]) for page, wanted in some])
        for values, (_, wanted) in zip(derive_in_child(order).pages, some, strict=True):
            for at, each in enumerate(wanted):
                one = (
                    Derived(None, problem=values)
                    if isinstance(values, str)
                    else Derived(values[at], each.held)
                )
                found[each.pointer].append(one)
    return {pointer: derived or [Derived(None, problem=NOT_KEPT)] for pointer, derived in found.items()}


class _Wanted(NamedTuple):
    pointer: Pointer
    record: Record
    source: Record | RecordVersion
    name: tuple[list[str], int]  # its key and its position

    @property
    def held(self) -> frozenset[str]:
        return frozenset(self.record.held)


def _wanted(pointers: Sequence[Pointer]) -> Iterator[_Wanted]:
    """By pointer, each time that the record had its values from a page with this checksum."""
    numbers = {pointer.record for pointer in pointers}
    records = Record.objects.select_related("seed").in_bulk(numbers)
    earlier = RecordVersion.objects.filter(record__in=records)
    sources: list[Record | RecordVersion] = [*records.values(), *earlier]
    versions = Snapshot.objects.filter(pk__in={each.snapshot_id for each in sources})
    pages = {
        pk: (digest, mark) for pk, digest, mark in versions.values_list("pk", "digest", "page__fingerprint")
    }
    asked = set(pointers)
    for source in sources:
        record = source if isinstance(source, Record) else records[source.record_id]
        digest, fingerprint = pages.get(source.snapshot_id, ("", 0))
        pointer = Pointer(record.pk, digest)
        if pointer in asked:
            yield _Wanted(pointer, record, source, name_of(record, fingerprint))


def _batches(
    groups: Iterable[list[_Wanted]], found: dict[Pointer, list[Derived]]
) -> Iterator[list[tuple[Order, list[_Wanted]]]]:
    """Pages to be read at once; what cannot be read is added to ``found``."""
    some: list[tuple[Order, list[_Wanted]]] = []
    size = 0
    for wanted in groups:
        order = order_of(wanted[0].record, wanted[0].source)
        if isinstance(order, str):
            for each in wanted:
                found[each.pointer].append(Derived(None, problem=order))
            continue
        if some and (len(some) == AT_ONCE or size + len(order.body) > BYTES):
            yield some
            some, size = [], 0
        some.append((order, wanted))
        size += len(order.body)
    if some:
        yield some
